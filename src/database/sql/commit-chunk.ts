import type { Pool, PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';
import type { FinalItemState } from '../../domain/item-counts.ts';

/** How one item ended. */
export interface ItemResultRow {
  index: number;
  attempts: number;
  state: FinalItemState;
  /** JSON text. */
  output: string | null;
  errorCode: string | null;
  errorField: string | null;
  errorMessage: string | null;
  fingerprint: string | null;
  durationMs: number;
}

/** What the items of one commit add to one dimension of their job's aggregates. */
export interface AggregatePart {
  dimension: string;
  /** JSON text: see the column `groups` of `aggregate_parts`. */
  groups: string;
}

export interface ChunkCommit {
  chunk: ChunkRef;
  attempt: number;
  results: ItemResultRow[];
  /** Items that go on to the next stage, without a result yet. */
  passed: number;
  /** Only beside results: what is left of the chunk tells the parts of its commits apart. */
  parts: readonly AggregatePart[];
  /** RUNNING: more of the chunk follows. PENDING: it is handed back. COMPLETED: it is done. */
  next: 'RUNNING' | 'PENDING' | 'COMPLETED';
}

/**
 * The commit protocol, in one statement: fence on the attempt, insert the results and what they add to the aggregates, move the
 * counters of chunk, stage and job by exactly what was inserted, append the journal entry. False when another attempt holds the
 * chunk by now: nothing is written.
 */
export async function commitChunk(client: Pool | PoolClient, commit: ChunkCommit): Promise<boolean> {
  const { chunk, results, passed, parts } = commit;
  const count = (state: FinalItemState) => results.filter((result) => result.state === state).length;
  const { rowCount } = await client.query({
    name: 'commit-chunk',
    text: statement,
    values: [
      chunk.jobId,
      chunk.stage,
      chunk.generation,
      chunk.index,
      commit.attempt,
      commit.next,
      passed,
      count('SUCCEEDED'),
      count('FAILED'),
      count('SKIPPED'),
      results.map((result) => result.index),
      results.map((result) => result.attempts),
      results.map((result) => result.state),
      results.map((result) => result.output),
      results.map((result) => result.errorCode),
      results.map((result) => result.errorField),
      results.map((result) => result.errorMessage),
      results.map((result) => result.fingerprint),
      results.map((result) => result.durationMs),
      parts.map((part) => part.dimension),
      parts.map((part) => part.groups),
    ],
  });
  return rowCount === 1;
}

const statement = `
with fence as (
  update chunks set
    state = $6,
    remaining = remaining - ($7::int + $8::int + $9::int + $10::int),
    succeeded = succeeded + $7::int + $8::int,
    failed = failed + $9::int,
    skipped = skipped + $10::int,
    completed_at = case when $6 = 'COMPLETED' then clock_timestamp() end
  where job_id = $1 and stage = $2 and generation = $3 and index = $4 and attempt = $5 and state = 'RUNNING'
  returning first_item, last_item, remaining, case when $6 = 'PENDING' then remaining else 0 end as released
), inserted as (
  insert into item_results
    (job_id, index, stage, generation, attempts, state, output, error_code, error_field, error_message, fingerprint, duration_ms)
  select $1, r.index, $2, $3, r.attempts, r.state, r.output, r.code, r.field, r.message, r.fingerprint, r.duration
  from fence, unnest($11::bigint[], $12::int[], $13::text[], $14::jsonb[], $15::text[], $16::text[], $17::text[], $18::text[], $19::int[])
    as r (index, attempts, state, output, code, field, message, fingerprint, duration)
  returning 1
), added as (
  insert into aggregate_parts (job_id, dimension, generation, chunk, remaining, groups)
  select $1, p.dimension, $3, $4, fence.remaining, p.groups
  from fence, unnest($20::text[], $21::jsonb[]) as p (dimension, groups)
  returning 1
), stage as (
  update stages set
    completed = completed + $7::int + $8::int + $9::int + $10::int,
    failed = stages.failed + $9::int
  from fence, (select count(*) from inserted) done, (select count(*) from added) summed
  where job_id = $1 and position = $2
  returning name, total, completed, stages.failed, released, first_item, last_item
), job as (
  update jobs set
    running = running - ($7::int + $8::int + $9::int + $10::int) - released,
    pending = pending + $7::int + released,
    succeeded = succeeded + $8::int,
    failed = jobs.failed + $9::int,
    skipped = skipped + $10::int,
    last_sequence = last_sequence + 1,
    updated_at = clock_timestamp()
  from stage
  where id = $1
  returning last_sequence,
    jsonb_build_object('total', jobs.total, 'pending', pending, 'running', running, 'succeeded', succeeded,
      'failed', jobs.failed, 'skipped', skipped, 'canceled', canceled) as counts
)
insert into job_events (job_id, sequence, type, data, at)
select $1, last_sequence,
  case when $6 = 'COMPLETED' then 'ChunkCompleted' else 'StageProgressed' end,
  case when $6 = 'COMPLETED' then
    jsonb_build_object('stage', name, 'generation', $3::int, 'index', $4::int, 'firstItem', first_item, 'lastItem', last_item,
      'attempt', $5::int, 'succeeded', $7::int + $8::int, 'failed', $9::int, 'skipped', $10::int, 'counts', counts)
  else
    jsonb_build_object('stage', name, 'generation', $3::int, 'total', total, 'completed', completed, 'failed', failed, 'counts', counts)
  end,
  clock_timestamp()
from job, stage`;
