import type { LimitName, Limits } from './limits.ts';

export const quotaNames = ['SUBMITS', 'EXPORTS', 'REQUESTS', 'PROJECT_REQUESTS'] as const;
export type QuotaName = (typeof quotaNames)[number];

const hourMs = 3_600_000;
const minuteMs = 60_000;

const settings: Record<QuotaName, { limit: LimitName; windowMs: number; isShared: boolean }> = {
  SUBMITS: { limit: 'submitsPerHour', windowMs: hourMs, isShared: false },
  EXPORTS: { limit: 'exportsPerHour', windowMs: hourMs, isShared: false },
  REQUESTS: { limit: 'requestsPerMinute', windowMs: minuteMs, isShared: false },
  PROJECT_REQUESTS: { limit: 'projectRequestsPerMinute', windowMs: minuteMs, isShared: true },
};

/** So much of something in a window: all of it can be used at once, and what was used comes back evenly over the window. */
export interface Quota {
  name: QuotaName;
  limit: number;
  windowMs: number;
  /** One for all users of a project. */
  isShared: boolean;
}

/** After so long every quota is whole again. */
export const longestWindowMs = Math.max(...Object.values(settings).map(({ windowMs }) => windowMs));

/** Null when it is not limited. */
export function findQuota(name: QuotaName, limits: Limits): Quota | null {
  const { limit: setting, windowMs, isShared } = settings[name];
  const limit = limits[setting];
  return limit === null ? null : { name, limit, windowMs, isShared };
}

/** What is left of a quota of which `tokens` were left `sinceMs` ago. Never more than the limit, nor less when a clock was set back. */
export function refill({ limit, windowMs }: Quota, tokens: number, sinceMs: number): number {
  return Math.min(limit, tokens + (Math.max(0, sinceMs) * limit) / windowMs);
}

/** Milliseconds until there are `wanted`. */
export function msUntil({ limit, windowMs }: Quota, tokens: number, wanted: number): number {
  return Math.max(0, Math.ceil(((Math.min(wanted, limit) - tokens) * windowMs) / limit));
}
