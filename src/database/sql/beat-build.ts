import type { Pool } from 'pg';

export interface BuildId {
  taskQueue: string;
  build: string;
}

export interface OtherBuild {
  build: string;
  /** Its first worker came after that of the build that asks. */
  isNewer: boolean;
  /** It has no worker any more. */
  isGone: boolean;
}

/**
 * Notes that a worker of this build lives, and tells of all others. Asked every few seconds, so a build is gone when nobody
 * has followed for 10 s a worker that left, or when it has been silent for 20 s while this one was not: after an outage of
 * Postgres all are silent, and whoever is back first must not take the others for dead.
 */
export async function beatBuild(pool: Pool, { taskQueue, build }: BuildId): Promise<OtherBuild[]> {
  const { rows } = await pool.query<OtherBuild>(
    `with beat as (
       insert into builds as b (task_queue, build) values ($1, $2)
       on conflict (task_queue, build) do update set seen_at = now(), left_at = null,
         steady_since = case when b.seen_at < now() - interval '15 s' then now() else b.steady_since end
       returning since, steady_since
     ), forgotten as (
       delete from builds where seen_at < now() - interval '30 days' and (task_queue, build) <> ($1, $2)
     )
     select b.build, (b.since, b.build) > (beat.since, $2) as "isNewer",
       coalesce(b.left_at < now() - interval '10 s', false)
         or b.seen_at < now() - interval '20 s' and beat.steady_since < now() - interval '20 s' as "isGone"
     from beat join builds b on b.task_queue = $1 and b.build <> $2`,
    [taskQueue, build],
  );
  return rows;
}
