import type { Pool } from 'pg';
import type { ChunkRef } from '../../domain/activities.ts';

/** The most jobs whose chunks are looked at for one claim. */
const maxJobs = 100;

/**
 * Stages whose chunks wait for workers outside, the most urgent first: by the priority of their chunks, by that of their jobs,
 * then the oldest.
 */
export async function findClaimableStages(
  pool: Pool,
  input: { projectId: string; jobId: string | null; stages: readonly string[] | null },
): Promise<Omit<ChunkRef, 'index'>[]> {
  const { rows } = await pool.query<Omit<ChunkRef, 'index'>>(
    `select j.id as "jobId", s.position as stage, j.generation
     from jobs j
     join stages s on s.job_id = j.id and s.state = 'RUNNING' and s.kind = 'ITEMS' and s.external
     where j.project_id = $1 and j.state = 'RUNNING' and j.state not in ('COMPLETED', 'CANCELED', 'FAILED') and j.deleted_at is null
       and ($2::uuid is null or j.id = $2) and ($3::text[] is null or s.name = any($3))
     order by j.chunk_priority desc, array_position(array['HIGH', 'NORMAL', 'LOW'], j.priority), j.id
     limit $4`,
    [input.projectId, input.jobId, input.stages, maxJobs],
  );
  return rows;
}
