import type { PoolClient } from 'pg';

/** How a figure comes out of merged measures, which it names by their position. */
export interface MergedFigure {
  kind: 'COUNT' | 'SUM' | 'AVERAGE' | 'MIN' | 'MAX';
  measure: number;
  /** What the sum of an AVERAGE is divided by, and to how many decimals the mean is rounded. */
  divisor: number | null;
  decimals: number;
}

export interface DimensionToMerge {
  jobId: string;
  dimension: string;
  /** Names of the columns in the parts. */
  measures: readonly string[];
  figures: readonly MergedFigure[];
  /** False: everything becomes one group, which is there even when no part is. */
  isGrouped: boolean;
  /** Position of the figure whose greatest come first; null for the order of the keys. */
  rankedBy: number | null;
  limit: number;
}

export interface MergedGroup {
  key: string | number | boolean | null;
  /** Exact decimals as text; null where no item had the field. */
  figures: (string | null)[];
}

/** Merges what the commits of a job added up. It reads their parts, not the items; what does not fit in memory is spilled to disk. */
export async function mergeAggregateParts(client: PoolClient, input: DimensionToMerge): Promise<MergedGroup[]> {
  const { measures, figures, isGrouped, rankedBy } = input;
  const columns = measures.map((_, position) => `m${position}`);
  const elements = measures.map((_, position) => `jsonb_array_elements_text(p.groups -> $${position + 4})`);
  const expressions = figures.map(expression);
  const byRank = rankedBy === null ? '' : `${expressions[rankedBy]} desc nulls last, `;
  // Numbers in their own order, texts by code point: the same on every server.
  const byKey = `(case jsonb_typeof(g.key) when 'number' then g.key::numeric end), (g.key #>> '{}') collate "C"`;
  const { rows } = await client.query<MergedGroup>(
    `select ${isGrouped ? 'g.key' : 'null as key'}, array[${expressions.map((each) => `${each}::text`).join(', ')}] as figures
     from aggregate_parts p
     cross join lateral rows from (jsonb_array_elements(p.groups -> 'keys'), ${elements.join(', ')}) as g (key, ${columns.join(', ')})
     where p.job_id = $1 and p.dimension = $2
     ${isGrouped ? `group by g.key order by ${byRank}${byKey}` : ''}
     limit $3`,
    [input.jobId, input.dimension, input.limit, ...measures],
  );
  return rows;
}

function expression({ kind, measure, divisor, decimals }: MergedFigure): string {
  const value = `g.m${measure}::numeric`;
  switch (kind) {
    case 'COUNT':
    case 'SUM':
      return `coalesce(sum(${value}), 0)`;
    case 'AVERAGE':
      // The factor gives the quotient enough decimals, however many digits stand before its point.
      return `round(sum(${value}) * 1.${'0'.repeat(decimals + 4)} / nullif(sum(g.m${divisor}::numeric), 0), ${decimals})`;
    case 'MIN':
      return `min(${value})`;
    case 'MAX':
      return `max(${value})`;
  }
}
