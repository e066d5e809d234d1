import { round } from './figures.ts';

/** A figure beside what it is to be. */
export interface Judged {
  what: string;
  measured: number;
  /** Null where the figure only explains another. */
  target: string | null;
  met: boolean | null;
}

export function figure(what: string, value: number): Judged {
  return { what, measured: round(value), target: null, met: null };
}

export function atMost(what: string, value: number, target: number): Judged {
  return { what, measured: round(value), target: `≤ ${target}`, met: value <= target };
}

export function atLeast(what: string, value: number, target: number): Judged {
  return { what, measured: round(value), target: `≥ ${target}`, met: value >= target };
}
