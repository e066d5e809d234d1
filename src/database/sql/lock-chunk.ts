import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';
import type { JobState } from '../../domain/job-state.ts';
import type { ChunkState } from '../../domain/stage-plan.ts';

export interface LockedChunk {
  state: ChunkState;
  attempt: number;
  firstItem: number;
  lastItem: number;
  /** Its items where a lock key scatters them over the range; null when it holds all of the range. */
  itemList: number[] | null;
  /** True when its items lock something that no other chunk may hold. */
  isKeyed: boolean;
  remaining: number;
  /** Which try is next, by index of the item; 1 of those that are not named. */
  tries: Record<string, number> | null;
  jobState: JobState;
  jobType: string;
  projectId: string;
  options: Record<string, unknown>;
  stageName: string;
  /** True when the job has guard rails. */
  isGuarded: boolean;
  /** True when nothing but the report of the job is to be written. */
  isDryRun: boolean;
  /** The field that its items lock; null without. */
  lockKey: string | null;
  /** Most items that may begin in a second; null when only providers limit it. */
  itemsPerSecond: number | null;
}

/** Locks a chunk and reads what running it takes; null when its job was deleted. */
export async function lockChunk(client: PoolClient, chunk: ChunkRef): Promise<LockedChunk | null> {
  const { rows } = await client.query<LockedChunk>(
    `select c.state, c.attempt, c.first_item::float8 as "firstItem", c.last_item::float8 as "lastItem", c.remaining, c.tries,
            c.item_list::float8[] as "itemList", coalesce(cardinality(c.lock_keys) > 0, false) as "isKeyed", j.lock_key as "lockKey",
            j.state as "jobState", j.type as "jobType", j.project_id as "projectId", j.options, j.items_per_second as "itemsPerSecond", s.name as "stageName",
            g.job_id is not null as "isGuarded", coalesce(g.dry_run, false) as "isDryRun"
     from chunks c
     join jobs j on j.id = c.job_id and j.deleted_at is null
     join stages s on s.job_id = c.job_id and s.position = c.stage
     left join guard_rails g on g.job_id = c.job_id
     where c.job_id = $1 and c.stage = $2 and c.generation = $3 and c.index = $4
     for update of c`,
    [chunk.jobId, chunk.stage, chunk.generation, chunk.index],
  );
  return rows[0] ?? null;
}
