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

/** What a job will take; what is not known is null. */
export interface JobEstimate {
  items: Estimated | null;
  /** Milliseconds from now to its end: what it waits for by its own start, window and rates is in it, a place in line is not. */
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
