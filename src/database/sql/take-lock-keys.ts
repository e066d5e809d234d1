import type { PoolClient } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';

/** Any number that nothing else in this database locks by; the other half is the project. */
const keyLock = 727_100;

/** Held until the transaction ends by who gives lock keys of a project away. */
export async function lockKeysOf(client: PoolClient, projectId: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1, hashtext($2))', [keyLock, projectId]);
}

/** Seconds after which a chunk for which nobody asked again loses its place. Those that wait ask every second. */
const forgottenAfter = 30;

/**
 * Gives a locked chunk the lock keys of its items, all or none, under `lockKeysOf`. It gets none while a running chunk of the project
 * has one of them, or one that asked earlier waits for it: so a chunk with many keys comes to its turn, and as nobody holds some while
 * waiting for others, none wait for each other. What a dead attempt held the next one
 * of the chunk has still. The caller makes the chunk RUNNING in the same transaction.
 */
export async function takeLockKeys(client: PoolClient, chunk: ChunkRef, projectId: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    `with present as materialized (
       select t.*, c.lock_keys, c.state = 'RUNNING' as holds,
              c.state = 'PENDING' and t.waits_since is not null and j.state = 'RUNNING'
                and t.asked_at > clock_timestamp() - make_interval(secs => $6) as waits
       from key_turns t
       join jobs j on j.id = t.job_id
       join chunks c on (c.job_id, c.stage, c.generation, c.index) = (t.job_id, t.stage, t.generation, t.index)
       where t.project_id = $5 and (t.job_id, t.stage, t.generation, t.index) <> ($1, $2, $3, $4)
     ), gone as (
       delete from key_turns t
       where t.project_id = $5 and (t.job_id, t.stage, t.generation, t.index) <> ($1, $2, $3, $4)
         and (t.job_id, t.stage, t.generation, t.index) not in (
           select job_id, stage, generation, index from present where holds or waits)
     ), mine as (
       select c.lock_keys, c.state, t.waits_since
       from chunks c
       left join key_turns t on (t.job_id, t.stage, t.generation, t.index) = (c.job_id, c.stage, c.generation, c.index)
         and t.asked_at > clock_timestamp() - make_interval(secs => $6)
       where c.job_id = $1 and c.stage = $2 and c.generation = $3 and c.index = $4
     ), asked as (
       select waits_since, state = 'PENDING' and exists (
         select from present p
         where (holds or (waits and (mine.waits_since is null or p.waits_since < mine.waits_since)))
           and p.lock_keys[1] <= mine.lock_keys[cardinality(mine.lock_keys)]
           and p.lock_keys[cardinality(p.lock_keys)] >= mine.lock_keys[1]
           and exists (select unnest(p.lock_keys) intersect select unnest(mine.lock_keys))
       ) as blocked from mine
     )
     insert into key_turns (job_id, stage, generation, index, project_id, waits_since, asked_at)
     select $1, $2, $3, $4, $5, case when blocked then coalesce(waits_since, clock_timestamp()) end, clock_timestamp() from asked
     on conflict (job_id, stage, generation, index) do update set waits_since = excluded.waits_since, asked_at = excluded.asked_at
     returning waits_since is null as taken`,
    [chunk.jobId, chunk.stage, chunk.generation, chunk.index, projectId, forgottenAfter],
  );
  return rows[0]?.taken ?? false;
}
