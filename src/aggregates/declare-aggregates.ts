import type { ItemCounts } from '../domain/item-counts.ts';

/** A field of an item or of what came out of it: "input.amount", "output.action". */
export type FieldPath<Item, Output> = `input.${keyof Item & string}` | `output.${keyof Output & string}`;

/** A figure over the items that succeeded. Items whose field is null or left out have no part in it. */
export type Figure<Path extends string = string> =
  | { kind: 'COUNT'; path: Path | null; description: string }
  | { kind: 'SUM' | 'MIN' | 'MAX'; path: Path; description: string }
  | { kind: 'AVERAGE'; path: Path; decimals: number; description: string };

/** How many items of the job ended in a state. */
export interface JobCount {
  kind: 'JOB_COUNT';
  state: keyof ItemCounts;
  description: string;
}

/** Figures for each value that a field has among the items that succeeded. */
export interface Groups<Path extends string = string> {
  kind: 'GROUPS';
  path: Path;
  /** Field of a group that holds the value. */
  as: string;
  figures: Record<string, Figure<Path>>;
  /** The groups with the greatest `by`, `count` of them unless a client asks otherwise. Null: all, in the order of their values. */
  top: { by: string; count: number } | null;
  description: string;
}

export type Aggregate<Path extends string = string> = Figure<Path> | JobCount | Groups<Path>;

/** By the names that they have in the API. */
export type Aggregates<Path extends string = string> = Record<string, Aggregate<Path>>;

/** Items of the job in this state: `total` for all. */
export function jobCount(state: keyof ItemCounts, description: string): JobCount {
  return { kind: 'JOB_COUNT', state, description };
}

/** Items that succeeded. */
export function count(description: string): Figure<never> {
  return { kind: 'COUNT', path: null, description };
}

/** Items that succeeded and have the field. */
export function countOf<Path extends string>(path: Path, description: string): Figure<Path> {
  return { kind: 'COUNT', path, description };
}

/** Exact sum of a number or decimal; 0 of none. */
export function sum<Path extends string>(path: Path, description: string): Figure<Path> {
  return { kind: 'SUM', path, description };
}

/** Exact mean of a number or decimal, rounded to `decimals`, halves away from zero; null of none. */
export function average<Path extends string>(path: Path, description: string, decimals = 6): Figure<Path> {
  return { kind: 'AVERAGE', path, decimals, description };
}

/** The least number, decimal or moment; null of none. */
export function min<Path extends string>(path: Path, description: string): Figure<Path> {
  return { kind: 'MIN', path, description };
}

/** The greatest number, decimal or moment; null of none. */
export function max<Path extends string>(path: Path, description: string): Figure<Path> {
  return { kind: 'MAX', path, description };
}

/** Figures for each value of a text, enum, boolean or whole number. Without `top` the first 1,000 groups by value are kept. */
export function groupBy<Path extends string, FigurePath extends string>(
  path: Path,
  description: string,
  groups: { as: string; figures: Record<string, Figure<FigurePath>>; top?: { by: string; count?: number } },
): Groups<Path | FigurePath> {
  const { as, figures, top } = groups;
  return {
    kind: 'GROUPS',
    path,
    as,
    figures,
    top: top ? { by: top.by, count: top.count ?? 10 } : null,
    description,
  };
}
