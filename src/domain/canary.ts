import { formatDecimal, parseDecimal } from './exact-decimal.ts';

/** The first items of a job, which run before all others: so many, or a share of all in percent. */
export type Canary = { items: number; percent: null } | { items: null; percent: number };

/** How the canary's items ended. */
export interface CanarySample {
  items: number;
  succeeded: number;
  failed: number;
  skipped: number;
  /** Milliseconds from the begin of its first chunk to the end of its last. */
  durationMs: number;
  /** An exact decimal; null when the job type declares no costs. */
  cost: string | null;
}

/** The whole job, if it goes on as it began. */
export interface CanaryProjection {
  items: number;
  failed: number;
  /** At the pace of the canary: a job that runs in more chunks at a time is quicker. */
  durationMs: number;
  /** Exact to six decimals beyond those of the costs, rounded up. */
  cost: string | null;
}

export interface CanaryReport extends CanarySample {
  /** Share of its items that failed, from 0 to 1. */
  errorRate: number;
  unit: string | null;
  projected: CanaryProjection;
}

/** Number of items of the canary in a job of `total`; at least one, unless there are none. */
export function canaryItems({ items, percent }: Canary, total: number): number {
  return Math.min(items ?? Math.max(Math.ceil((total * percent) / 100), 1), total);
}

/** @param total items of the whole job, the canary's included */
export function reportCanary(sample: CanarySample, total: number, unit: string | null): CanaryReport {
  // A canary of no items tells nothing.
  const base = Math.max(sample.items, 1);
  return {
    ...sample,
    errorRate: sample.failed / base,
    unit,
    projected: {
      items: total,
      failed: Math.round((sample.failed * total) / base),
      durationMs: Math.round((sample.durationMs * total) / base),
      cost: sample.cost === null ? null : projectCost(sample.cost, total, base),
    },
  };
}

const extraDigits = 6;

function projectCost(cost: string, total: number, base: number): string {
  const { units, scale } = parseDecimal(cost);
  const whole = units * BigInt(total) * 10n ** BigInt(extraDigits);
  const text = formatDecimal({ units: (whole + BigInt(base) - 1n) / BigInt(base), scale: scale + extraDigits });
  return text.replace(/0{1,6}$/, '').replace(/\.$/, '');
}
