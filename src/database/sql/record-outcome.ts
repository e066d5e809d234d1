import type { PoolClient } from 'pg';

/** Keeps the figures of a locked job that has ended; those of an earlier end are replaced, so that a job counts once. */
export async function recordOutcome(client: Pick<PoolClient, 'query'>, jobId: string): Promise<void> {
  await client.query(
    `insert into job_outcomes (job_id, project_id, ended_at, type, state, caller_kind, caller_id, caller_name,
       total, succeeded, failed, skipped, canceled, duration_ms, template_id)
     select id, project_id, completed_at, type, state, created_by ->> 'kind', created_by ->> 'id', created_by ->> 'name',
       total, succeeded, failed, skipped, canceled,
       case when started_at is not null then greatest(extract(epoch from completed_at - started_at) * 1000 - paused_ms, 0)::bigint end,
       (select template_id from job_templates where job_id = jobs.id)
     from jobs where id = $1
     on conflict (job_id) do update set ended_at = excluded.ended_at, state = excluded.state, total = excluded.total,
       succeeded = excluded.succeeded, failed = excluded.failed, skipped = excluded.skipped, canceled = excluded.canceled,
       duration_ms = excluded.duration_ms, template_id = excluded.template_id`,
    [jobId],
  );
}

/** A job that runs again has not ended. */
export async function removeOutcome(client: PoolClient, jobId: string): Promise<void> {
  await client.query('delete from job_outcomes where job_id = $1', [jobId]);
}
