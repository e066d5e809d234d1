import type { Database } from '../database/database.ts';
import { lockQuota } from '../database/sql/lock-quota.ts';
import { storeQuota } from '../database/sql/store-quota.ts';
import { LimitExceededError } from '../domain/errors.ts';
import type { Limits } from '../domain/limits.ts';
import { findQuota, msUntil, quotaNames, refill, type Quota, type QuotaName } from '../domain/quota.ts';
import type { Viewer } from '../jobs/commands.ts';

/** What is left of a quota. */
export interface QuotaState extends Quota {
  /** Whole ones. */
  remaining: number;
  /** When all of it is there again, if nothing is used. */
  resetsAt: Date;
  /** Milliseconds until there is one; 0 when there is. */
  nextMs: number;
}

/** What users and projects may ask for in a time. The database counts, for all processes. */
export interface Quotas {
  /** Uses `amount` of a quota, or looks at it with 0; null where nothing is limited. @throws LimitExceededError when there is less */
  spend(viewer: Viewer, name: QuotaName, amount?: number): Promise<QuotaState | null>;
  /** Those that are limited. */
  list(viewer: Viewer): Promise<QuotaState[]>;
}

const words: Record<QuotaName, string> = {
  SUBMITS: 'jobs submitted by you',
  EXPORTS: 'exports asked for by you',
  REQUESTS: 'requests of yours',
  PROJECT_REQUESTS: 'requests of your project',
};

export function createQuotas({ database, limits }: { database: Database; limits: Limits }): Quotas {
  async function use(viewer: Viewer, quota: Quota, amount: number): Promise<QuotaState> {
    const holder = { projectId: viewer.projectId, holder: quota.isShared ? '' : holderOf(viewer) };
    return await database.transaction(async (client) => {
      const held = await lockQuota(client, holder, quota);
      const tokens = refill(quota, held.tokens, held.sinceMs);
      const after = (ms: number) => new Date(held.now.getTime() + ms);
      if (tokens < amount) {
        const remaining = Math.floor(tokens);
        throw new LimitExceededError(describe(quota, remaining, amount), {
          limit: quota.limit,
          remaining,
          resetsAt: after(msUntil(quota, tokens, quota.limit)),
          // More than all of it is never there.
          ...(amount <= quota.limit ? { retryAfterMs: msUntil(quota, tokens, amount) } : {}),
        });
      }
      const left = tokens - amount;
      if (amount > 0) await storeQuota(client, holder, { name: quota.name, tokens: left, at: held.now });
      return {
        ...quota,
        remaining: Math.floor(left),
        resetsAt: after(msUntil(quota, left, quota.limit)),
        nextMs: msUntil(quota, left, 1),
      };
    });
  }

  return {
    spend: async (viewer, name, amount = 1) => {
      const quota = findQuota(name, limits);
      return quota && (await use(viewer, quota, amount));
    },
    list: async (viewer) => {
      const quotas = quotaNames.map((name) => findQuota(name, limits)).filter((quota) => quota !== null);
      return await Promise.all(quotas.map((quota) => use(viewer, quota, 0)));
    },
  };
}

function describe({ name, limit, windowMs }: Quota, remaining: number, amount: number): string {
  const window = windowMs === 60_000 ? 'a minute' : 'an hour';
  return `There may be ${limit} ${words[name]} in ${window}; ${remaining} are left, and this takes ${amount}. Wait, then send it again.`;
}

/** As `userOf` has it in SQL. */
function holderOf({ caller }: Viewer): string {
  return `${caller.kind}:${caller.id}`;
}
