import type { Pool } from 'pg';

export interface ChunkCounts {
  jobId: string;
  total: number;
  pending: number;
  running: number;
  completed: number;
  failed: number;
  canceled: number;
}

/**
 * The chunks of each job's newest stage: the furthest ITEMS stage that has begun, in the newest generation. Where chunks go through several stages one by
 * one, one that is in any of them is running. Jobs without chunks have no row.
 */
export async function countChunks(pool: Pool, jobIds: readonly string[]): Promise<ChunkCounts[]> {
  const { rows } = await pool.query<Record<keyof ChunkCounts, string>>(
    `select s.job_id as "jobId", count(*) as total,
       count(*) filter (where c.state = 'PENDING') - max(s.earlier) as pending,
       count(*) filter (where c.state = 'RUNNING') + max(s.earlier) as running,
       count(*) filter (where c.state = 'COMPLETED') as completed,
       count(*) filter (where c.state = 'FAILED') as failed,
       count(*) filter (where c.state = 'CANCELED') as canceled
     from (
       select distinct on (job_id) job_id, position, generation, (
         select count(*) from chunks e
         where e.job_id = stages.job_id and e.generation = stages.generation and e.stage < stages.position and e.state = 'RUNNING'
       ) as earlier
       from stages
       where job_id = any($1) and kind = 'ITEMS' and started_at is not null
       order by job_id, generation desc, position desc
     ) s
     join chunks c on c.job_id = s.job_id and c.stage = s.position and c.generation = s.generation
     group by s.job_id`,
    [jobIds],
  );
  return rows.map(({ jobId, ...counts }) => ({
    jobId,
    total: Number(counts.total),
    pending: Number(counts.pending),
    running: Number(counts.running),
    completed: Number(counts.completed),
    failed: Number(counts.failed),
    canceled: Number(counts.canceled),
  }));
}
