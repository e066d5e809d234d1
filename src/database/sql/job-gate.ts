import type { PoolClient } from 'pg';

/** Any number that nothing else in this database locks by; the other half is the job. */
const gateLock = 727_101;

/**
 * Work that is done outside takes a chunk, its stage and its job, in this order; what moves a job along or ends it has the job first and
 * then all that is open of it. Both pass a gate before any lock: the former together, the latter alone, until their transactions end. So
 * neither waits for what the other holds.
 */
export async function enterGate(client: PoolClient, jobId: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock_shared($1, hashtext($2))', [gateLock, jobId]);
}

/** See `enterGate`: waits for those who are inside, and keeps others out. */
export async function closeGate(client: PoolClient, jobId: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1, hashtext($2))', [gateLock, jobId]);
}
