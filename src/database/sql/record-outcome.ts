import type { PoolClient } from 'pg';

/** Keeps the figures of a locked job that has ended; those of an earlier end are replaced, so that a job counts once. */
export async function recordOutcome(client: Pick<PoolClient, 'query'>, jobId: string): Promise<void> {
  await client.query(
    `insert into job_outcomes (job_id, project_id, ended_at, type, state, caller_kind, caller_id, caller_name,
       total, succeeded, failed, skipped, canceled, duration_ms, cost, cost_unit, template_id)
     select id, project_id, completed_at, type, state, created_by ->> 'kind', created_by ->> 'id', created_by ->> 'name',
       total, succeeded, failed, skipped, canceled,
       case when started_at is not null then greatest(extract(epoch from completed_at - started_at) * 1000 - paused_ms, 0)::bigint end, spent.cost, spent.unit,
       (select template_id from job_templates where job_id = $1)
     from jobs
     left join lateral (
       select g.spent_before::numeric + coalesce(sum((g.costs -> 'perItem' ->> s.name)::numeric * s.completed), 0) as cost, g.costs ->> 'unit' as unit
       from guard_rails g left join stages s on s.job_id = g.job_id
       where g.job_id = $1 and g.costs is not null group by g.job_id
     ) spent on true
     where id = $1
     on conflict (job_id) do update set ended_at = excluded.ended_at, state = excluded.state, total = excluded.total,
       succeeded = excluded.succeeded, failed = excluded.failed, skipped = excluded.skipped, canceled = excluded.canceled,
       duration_ms = excluded.duration_ms, cost = excluded.cost, cost_unit = excluded.cost_unit, template_id = excluded.template_id`,
    [jobId],
  );
}

/** A job that runs again has not ended. */
export async function removeOutcome(client: PoolClient, jobId: string): Promise<void> {
  await client.query('delete from job_outcomes where job_id = $1', [jobId]);
}
