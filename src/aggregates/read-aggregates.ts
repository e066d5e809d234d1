import type { PoolClient } from 'pg';
import { mergeAggregateParts, type MergedGroup } from '../database/sql/merge-aggregate-parts.ts';
import { readItemCounts } from '../database/sql/read-item-counts.ts';
import {
  listedGroups,
  rankedGroups,
  type AggregatePlan,
  type Dimension,
  type PlannedFigure,
} from './aggregate-plan.ts';

/** The aggregates of a job as its commits have added them up, in the shape of `plan.schema`. */
export async function readAggregates(
  plan: AggregatePlan,
  client: PoolClient,
  jobId: string,
): Promise<Record<string, unknown>> {
  const counts = await readItemCounts(client, jobId);
  const aggregates: Record<string, unknown> = Object.fromEntries(
    plan.jobCounts.map(({ name, declared }) => [name, counts[declared.state]]),
  );
  for (const dimension of plan.dimensions) {
    const merged = await merge(client, jobId, dimension);
    if (dimension.groups) aggregates[dimension.name] = merged;
    else Object.assign(aggregates, ...merged);
  }
  return aggregates;
}

async function merge(
  client: PoolClient,
  jobId: string,
  { name, groups, measures, figures }: Dimension,
): Promise<Record<string, unknown>[]> {
  const top = groups?.declared.top;
  const merged = await mergeAggregateParts(client, {
    jobId,
    dimension: name,
    measures: measures.map(({ id }) => id),
    figures: figures.map(({ figure, measure, divisor }) => ({
      kind: figure.kind,
      measure,
      divisor,
      decimals: figure.kind === 'AVERAGE' ? figure.decimals : 0,
    })),
    isGrouped: groups !== null,
    rankedBy: top ? figures.findIndex((figure) => figure.name === top.by) : null,
    limit: top ? rankedGroups : listedGroups,
  });
  return merged.map((group) => ({
    ...(groups ? { [groups.declared.as]: group.key } : {}),
    ...toFigures(figures, group),
  }));
}

function toFigures(figures: readonly PlannedFigure[], group: MergedGroup): Record<string, unknown> {
  return Object.fromEntries(
    figures.map((planned, position) => [planned.name, toValue(planned, group.figures[position] ?? null)]),
  );
}

function toValue({ figure, field }: PlannedFigure, text: string | null): unknown {
  if (text === null) return null;
  if (figure.kind === 'COUNT') return Number(text);
  if (figure.kind === 'SUM' || figure.kind === 'AVERAGE' || field?.kind === 'DECIMAL') return text;
  return field?.kind === 'MOMENT' ? new Date(Number(text)).toISOString() : Number(text);
}
