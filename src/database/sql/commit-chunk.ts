import type { Pool, PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';
import type { FinalItemState } from '../../domain/item-counts.ts';
import { gate, isInside } from './job-gate.ts';

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
 * The commit protocol, in one statement: pass the gate, fence on the attempt, insert the results and what they add to the aggregates, move the
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
      column(results, 'attempts', 1),
      column(results, 'state', 'SUCCEEDED'),
      `[${results.map((result) => result.output ?? 'null').join(',')}]`,
      column(results, 'errorCode', null),
      column(results, 'errorField', null),
      column(results, 'errorMessage', null),
      column(results, 'fingerprint', null),
      column(results, 'durationMs', 0),
      parts.map((part) => part.dimension),
      parts.map((part) => part.groups),
    ],
  });
  return rowCount === 1;
}

/** Empty where all have the usual value: "unnest" beside a longer one fills up with null, for which the statement puts that value. */
function column<Name extends keyof ItemResultRow>(
  results: readonly ItemResultRow[],
  name: Name,
  usual: ItemResultRow[Name],
): ItemResultRow[Name][] {
  return results.every((result) => result[name] === usual) ? [] : results.map((result) => result[name]);
}

// The columns of the results are unnested in a select list, where Postgres takes them row by row; in a "from" it would store them
// all first. Outputs are parsed at once, as one array: as many texts in an array of Postgres they would be quoted and parsed twice.
const statement = `
with ${gate}, fence as (
  update chunks set
    state = $6,
    remaining = remaining - ($7::int + $8::int + $9::int + $10::int),
    succeeded = succeeded + $7::int + $8::int,
    failed = failed + $9::int,
    skipped = skipped + $10::int,
    completed_at = case when $6 = 'COMPLETED' then clock_timestamp() end
  where job_id = $1 and stage = $2 and generation = $3 and index = $4 and attempt = $5 and state = 'RUNNING' and ${isInside}
  returning first_item, last_item, remaining, case when $6 = 'PENDING' then remaining else 0 end as released
), inserted as (
  insert into item_results
    (job_id, index, stage, generation, attempts, state, output, error_code, error_field, error_message, fingerprint, duration_ms)
  select $1, index, $2, $3, coalesce(attempts, 1), coalesce(r.state, 'SUCCEEDED'), nullif(output, 'null'), code, field, message, fingerprint,
    coalesce(duration, 0)
  from (
    select unnest($11::bigint[]) as index, unnest($12::int[]) as attempts, unnest($13::text[]) as state, jsonb_array_elements($14::jsonb) as output,
      unnest($15::text[]) as code, unnest($16::text[]) as field, unnest($17::text[]) as message, unnest($18::text[]) as fingerprint,
      unnest($19::int[]) as duration
    from fence
  ) r
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
