import type { PoolClient } from 'pg';

/** Any number that nothing else in this database locks by; the other half is the job. */
const gateLock = 727_101;

/**
 * Work on a chunk takes the chunk, its stage and its job, in this order; what moves a job along or ends it has the job first and then all
 * that is open of it, though a worker outside, or one that was frozen for so long that it passed for dead, may be at work yet. Both
 * pass a gate before any lock: the former together, the latter alone, until their transactions end. So neither waits for what the
 * other holds.
 */
export async function enterGate(client: PoolClient, jobId: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock_shared($1, hashtext($2::uuid::text))', [gateLock, jobId]);
}

/**
 * The same as the first part of a statement on job $1, for `with`: what takes the first lock asks that `${isInside}`. The statement may have
 * waited, so that it sees only of the rows that it locks how they are now.
 */
export const gate = `gate as materialized (select pg_advisory_xact_lock_shared(${gateLock}, hashtext($1::uuid::text)))`;
export const isInside = 'exists (select from gate)';

/** See `enterGate`: waits for those who are inside, and keeps others out. */
export async function closeGate(client: PoolClient, jobId: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1, hashtext($2::uuid::text))', [gateLock, jobId]);
}
