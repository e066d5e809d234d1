import {
  addDecimals,
  compareDecimals,
  formatDecimal,
  parseDecimal,
  type ExactDecimal,
} from '../domain/exact-decimal.ts';
import type { AggregatePart } from '../database/sql/commit-chunk.ts';
import type { AggregateField } from './aggregate-field.ts';
import type { AggregatePlan, Dimension, Measure } from './aggregate-plan.ts';

/** An item that succeeded, as its job type got it and as it came out. */
export interface AggregatedItem {
  input: unknown;
  output: unknown;
}

/** What these items add to the aggregates of their job: a part for each dimension, none without items. */
export function accumulate(plan: AggregatePlan, items: readonly AggregatedItem[]): AggregatePart[] {
  if (items.length === 0) return [];
  return plan.dimensions.map((dimension) => accumulateDimension(dimension, items));
}

function accumulateDimension({ name, groups, measures }: Dimension, items: readonly AggregatedItem[]): AggregatePart {
  const byKey = new Map<unknown, (ExactDecimal | null)[]>();
  for (const { input, output } of items) {
    const key = groups ? (groups.key.read(input, output) ?? null) : null;
    let totals = byKey.get(key);
    if (!totals) byKey.set(key, (totals = measures.map(() => null)));
    for (const [position, measure] of measures.entries()) {
      totals[position] = add(measure, totals[position] ?? null, input, output);
    }
  }
  const columns = measures.map(({ id }, position): [string, unknown[]] => [
    id,
    Array.from(byKey.values(), (totals) => toText(totals[position])),
  ]);
  return { dimension: name, groups: JSON.stringify({ keys: [...byKey.keys()], ...Object.fromEntries(columns) }) };
}

const one: ExactDecimal = { units: 1n, scale: 0 };

function add(
  { id, kind, field }: Measure,
  total: ExactDecimal | null,
  input: unknown,
  output: unknown,
): ExactDecimal | null {
  if (field === null) return total ? addDecimals(total, one) : one;
  const raw = field.read(input, output);
  if (raw === null || raw === undefined) return total;
  if (kind === 'VALUES') return total ? addDecimals(total, one) : one;
  const value = toDecimal(id, field.kind, raw);
  if (!total) return value;
  if (kind === 'SUM') return addDecimals(total, value);
  const isGreater = compareDecimals(value, total) > 0;
  return isGreater === (kind === 'MAX') ? value : total;
}

/** Moments count as milliseconds since 1970. @throws Error when a job type returned what its schema does not allow */
function toDecimal(id: string, kind: AggregateField['kind'], raw: unknown): ExactDecimal {
  try {
    return parseDecimal(kind === 'MOMENT' ? String(Date.parse(String(raw))) : String(raw));
  } catch (cause) {
    throw new Error(`${id} cannot be worked out: ${JSON.stringify(raw)} is not what the schema promises.`, { cause });
  }
}

function toText(total: ExactDecimal | null | undefined): string | null {
  return total ? formatDecimal(total) : null;
}
