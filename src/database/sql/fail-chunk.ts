import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';

/** Gives a chunk up: its items that have not ended become FAILED, for the same reason. */
export async function failChunk(
  client: PoolClient,
  input: { chunk: ChunkRef; attempt: number; error: string; fingerprint: string },
): Promise<void> {
  const { chunk } = input;
  await client.query(
    `with fence as (
       update chunks set state = 'FAILED', failed = failed + remaining, remaining = 0, error = $6, completed_at = clock_timestamp()
       from (select remaining as items from chunks where job_id = $1 and stage = $2 and generation = $3 and index = $4 for update) before
       where job_id = $1 and stage = $2 and generation = $3 and index = $4 and attempt = $5 and state = 'RUNNING'
       returning first_item, last_item, before.items,
         coalesce(item_list, array(select generate_series(first_item, last_item))) as members
     ), inserted as (
       insert into item_results
         (job_id, index, stage, generation, attempts, state, error_code, error_message, fingerprint, duration_ms)
       select $1, i.index, $2, $3, $5, 'FAILED', 'CHUNK_FAILED', $6, $7, 0
       from fence
       join items i on i.job_id = $1 and i.index = any(fence.members)
       where i.index not in (
         select r.index from fence join item_results r on r.job_id = $1 and r.index = any(fence.members)
       )
       returning 1
     ), stage as (
       update stages set completed = completed + items, failed = stages.failed + items
       from fence, (select count(*) from inserted) done
       where job_id = $1 and position = $2
       returning name, items, first_item, last_item
     ), job as (
       update jobs set running = running - items, failed = jobs.failed + items, last_sequence = last_sequence + 1, updated_at = clock_timestamp()
       from stage where id = $1
       returning last_sequence,
         jsonb_build_object('total', total, 'pending', pending, 'running', running, 'succeeded', succeeded,
           'failed', jobs.failed, 'skipped', skipped, 'canceled', canceled) as counts
     )
     insert into job_events (job_id, sequence, type, data, at)
     select $1, last_sequence, 'ChunkFailed',
       jsonb_build_object('stage', name, 'generation', $3::int, 'index', $4::int, 'firstItem', first_item, 'lastItem', last_item,
         'attempt', $5::int, 'error', $6::text, 'failed', items, 'counts', counts),
       clock_timestamp()
     from job, stage`,
    [chunk.jobId, chunk.stage, chunk.generation, chunk.index, input.attempt, input.error, input.fingerprint],
  );
}
