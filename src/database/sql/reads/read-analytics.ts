import type { Pool } from 'pg';
import {
  maxAnalyticsGroups,
  type AnalyticsCost,
  type AnalyticsFigures,
  type AnalyticsGroup,
  type AnalyticsRange,
  type AnalyticsRow,
} from '../../../domain/analytics.ts';
import type { CallerKind } from '../../../domain/caller.ts';
import type { JobState } from '../../../domain/job-state.ts';

export interface Analytics {
  total: AnalyticsFigures;
  /** Groups of time in their order, others the largest first; none is empty. */
  groups: AnalyticsRow[];
}

/** Days and hours of UTC, and text that is told apart bytewise. */
const keys: Record<AnalyticsGroup, string> = {
  DAY: `(ended_at at time zone 'UTC')::date`,
  HOUR: `date_trunc('hour', ended_at at time zone 'UTC')`,
  JOB_TYPE: `type collate "C"`,
  STATE: `state collate "C"`,
  TEMPLATE: `template_id::text collate "C"`,
  CALLER: `(caller_kind || ':' || caller_id) collate "C"`,
};

type Figure =
  | 'jobs'
  | 'completed'
  | 'failedJobs'
  | 'canceledJobs'
  | 'total'
  | 'succeeded'
  | 'failed'
  | 'skipped'
  | 'canceled';
type Row = Record<Figure, string> & {
  key: number | string | null;
  isTotal: boolean;
  callerKind: CallerKind;
  callerId: string;
  callerName: string;
  averageMs: number | null;
  p95Ms: number | null;
  costs: AnalyticsCost[] | null;
};

/** The outcomes of a project's jobs in a range, all from one moment: groups and total, averages and percentiles alike. */
export async function readAnalytics(
  pool: Pool,
  { projectId, range, groupBy }: { projectId: string; range: AnalyticsRange; groupBy: AnalyticsGroup },
): Promise<Analytics> {
  const isTime = groupBy === 'DAY' || groupBy === 'HOUR';
  const { rows } = await pool.query<Row>(
    `with figure as (
       select part, ${isTime ? '(extract(epoch from part) * 1000)::float8' : 'part'} as key, grouping(part) = 1 as "isTotal", count(*) as jobs,
         max(caller_kind) as "callerKind", max(caller_id) as "callerId", max(caller_name) as "callerName",
         count(*) filter (where state = 'COMPLETED') as completed, count(*) filter (where state = 'FAILED') as "failedJobs",
         count(*) filter (where state = 'CANCELED') as "canceledJobs",
         coalesce(sum(total), 0) as total, coalesce(sum(succeeded), 0) as succeeded, coalesce(sum(failed), 0) as failed,
         coalesce(sum(skipped), 0) as skipped, coalesce(sum(canceled), 0) as canceled,
         avg(duration_ms)::float8 as "averageMs",
         (percentile_disc(0.95) within group (order by duration_ms))::float8 as "p95Ms"
       from (
         select ${keys[groupBy]} as part, caller_kind, caller_id, caller_name, state, total, succeeded, failed, skipped, canceled, duration_ms
         from job_outcomes where project_id = $1 and ended_at >= $2 and ended_at < $3
       ) outcome
       group by grouping sets ((part), ())
     ), amount as (
       select part, grouping(part) = 1 as is_total, cost_unit as unit, sum(cost)::text as amount
       from (
         select ${keys[groupBy]} as part, cost, cost_unit
         from job_outcomes where project_id = $1 and ended_at >= $2 and ended_at < $3 and cost is not null
       ) outcome
       group by grouping sets ((part, cost_unit), (cost_unit))
     ), cost as (
       select part, is_total, jsonb_agg(jsonb_build_object('unit', unit, 'amount', amount) order by unit) as costs
       from amount group by part, is_total
     )
     select figure.*, costs
     from figure left join cost on is_total = "isTotal" and coalesce(cost.part::text, '') = coalesce(figure.part::text, '')
     order by "isTotal" desc, ${isTime ? 'figure.part' : 'jobs desc, figure.part'} limit $4`,
    [projectId, range.from, range.to, 1 + (isTime ? Number.MAX_SAFE_INTEGER : maxAnalyticsGroups)],
  );
  const [total, ...groups] = rows;
  if (!total) throw new Error('The total of no jobs is a row too.');
  return { total: toFigures(total), groups: groups.map((row) => toGroup(groupBy, row)) };
}

function toGroup(groupBy: AnalyticsGroup, row: Row): AnalyticsRow {
  const startsAt = typeof row.key === 'number' ? new Date(row.key) : null;
  const key = startsAt?.toISOString() ?? String(row.key ?? '');
  return {
    ...toFigures(row),
    key,
    startsAt,
    type: groupBy === 'JOB_TYPE' ? key : null,
    // Only setJobState writes it.
    state: groupBy === 'STATE' ? (key as JobState) : null,
    templateId: groupBy === 'TEMPLATE' && row.key !== null ? key : null,
    caller:
      groupBy === 'CALLER' && row.key !== null
        ? { kind: row.callerKind, id: row.callerId, name: row.callerName }
        : null,
  };
}

function toFigures(row: Row): AnalyticsFigures {
  const [total, succeeded, failed, skipped, canceled] = [
    Number(row.total),
    Number(row.succeeded),
    Number(row.failed),
    Number(row.skipped),
    Number(row.canceled),
  ];
  return {
    jobs: Number(row.jobs),
    completed: Number(row.completed),
    failed: Number(row.failedJobs),
    canceled: Number(row.canceledJobs),
    // A job that broke off leaves items that nobody has tried.
    items: {
      total,
      pending: total - succeeded - failed - skipped - canceled,
      running: 0,
      succeeded,
      failed,
      skipped,
      canceled,
    },
    averageDurationMs: row.averageMs === null ? null : Math.round(row.averageMs),
    p95DurationMs: row.p95Ms,
    costs: row.costs ?? [],
  };
}
