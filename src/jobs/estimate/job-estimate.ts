import type { QueuePlace } from '../../domain/line.ts';

export const estimateBases = ['MEASURED', 'SAMPLED', 'DECLARED'] as const;

/** Where a figure comes from: counted or from jobs that ended, from some of the items, or from what the job type says of itself. */
export type EstimateBasis = (typeof estimateBases)[number];

/** A figure with the range that it should lie in. */
export interface Estimated {
  expected: number;
  least: number;
  most: number;
  basis: EstimateBasis;
}

/** A place in line, and milliseconds until the job has a place among those that run; null when nothing tells how long those take. */
export interface EstimatedQueue extends QueuePlace {
  waitMs: number | null;
}

/** What a job will take; what is not known is null. */
export interface JobEstimate {
  /** MEASURED when they were counted, SAMPLED when their number follows from the beginning of the source. */
  items: Estimated | null;
  /** Null when it would start at once. */
  queue: EstimatedQueue | null;
  /** Milliseconds from now to its end, with all that it waits for as far as that is known. */
  durationMs: Estimated | null;
  /** Exact decimals; null when items cost nothing. */
  cost: { amount: string; unit: string; basis: EstimateBasis } | null;
  /** Bytes of the files that it makes; null for job types that make none. */
  storageBytes: Estimated | null;
  /** What speaks against the job as it is, one sentence each. */
  warnings: string[];
}

export function exactly(expected: number, basis: EstimateBasis): Estimated {
  return { expected, least: expected, most: expected, basis };
}

/** A guess that can be off by a factor either way. */
export function roughly(expected: number, factor: number, basis: EstimateBasis): Estimated {
  return { expected, least: expected / factor, most: expected * factor, basis };
}

/** Each of its figures changed in the same way, and rounded up. */
export function mapEstimated(
  { expected, least, most, basis }: Estimated,
  change: (value: number) => number,
): Estimated {
  const to = (value: number) => Math.ceil(change(value));
  return { expected: to(expected), least: to(least), most: to(most), basis };
}

/** So many of something, each of which takes so much: the basis is that of what one takes. */
export function multiply(count: Estimated, each: Estimated): Estimated {
  return {
    expected: Math.ceil(count.expected * each.expected),
    least: Math.floor(count.least * each.least),
    most: Math.ceil(count.most * each.most),
    basis: each.basis,
  };
}
