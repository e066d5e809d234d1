import type { Pool } from 'pg';

/** The first unfinished jobs of a project that deliver to a destination, by whichever of its ids their option names it. */
export async function findJobsOfDestination(
  pool: Pool,
  { projectId, ids, limit }: { projectId: string; ids: readonly string[]; limit: number },
): Promise<{ id: string; title: string }[]> {
  const { rows } = await pool.query<{ id: string; title: string }>(
    `select id, title from jobs
     where project_id = $1 and state not in ('COMPLETED', 'CANCELED', 'FAILED') and deleted_at is null
       and options ->> 'destinationId' = any($2)
     order by id limit $3`,
    [projectId, ids, limit],
  );
  return rows;
}
