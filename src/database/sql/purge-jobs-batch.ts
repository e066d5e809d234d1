import type { PoolClient } from 'pg';

/** Jobs whose rows one transaction takes. */
export interface PurgeBatch {
  /** Deleted ones: all of them goes. */
  jobIds: string[];
  /** Those that only lose their items and results. */
  itemsOnlyIds: string[];
  /** The exports of the deleted ones. */
  exportIds: string[];
  /** The only one, and too large for one batch. */
  isLarge: boolean;
}

const maxJobs = 500;

/** Largest first. */
const itemTables = ['item_results', 'items', 'aggregate_parts'] as const;
const jobTables = ['chunks', 'job_events', 'exports', 'stages'] as const;

/**
 * Locks the jobs that have been due for longest: as many as have about `limit` rows together, or a single one with more.
 * Another purge passes over them.
 */
export async function lockPurgeBatch(client: PoolClient, limit: number): Promise<PurgeBatch> {
  const { rows: due } = await client.query<{ id: string; isDeleted: boolean; size: number }>(
    `select id, deleted_at is not null as "isDeleted", (total + last_sequence)::float8 as size
     from jobs where purge_at <= now() order by purge_at, id limit $1 for update skip locked`,
    [maxJobs],
  );
  let size = 0;
  const taken = due.filter((job, at) => (size += job.size) <= limit || at === 0);
  const jobIds = taken.filter(({ isDeleted }) => isDeleted).map(({ id }) => id);
  const itemsOnlyIds = taken.filter(({ isDeleted }) => !isDeleted).map(({ id }) => id);
  const { rows: exports } = await client.query<{ id: string }>('select id from exports where job_id = any($1)', [
    jobIds,
  ]);
  return { jobIds, itemsOnlyIds, exportIds: exports.map(({ id }) => id), isLarge: (due[0]?.size ?? 0) > limit };
}

/** Deletes the rows of a batch, of a large job up to `limit`; a job's own row goes last, so that it is found again. */
export async function deletePurgeBatch(client: PoolClient, batch: PurgeBatch, limit: number): Promise<number> {
  const { jobIds, itemsOnlyIds, isLarge } = batch;
  if (jobIds.length + itemsOnlyIds.length === 0) return 0;
  let deleted = 0;
  const tables: readonly string[] = jobIds.length > 0 ? [...itemTables, ...jobTables] : itemTables;
  for (const table of tables) {
    const ids = [...jobIds, ...(itemTables.some((each) => each === table) ? itemsOnlyIds : [])];
    deleted += isLarge
      ? await deletePart(client, table, ids[0] ?? '', limit - deleted)
      : ((await client.query(`delete from ${table} where job_id = any($1)`, [ids])).rowCount ?? 0);
    if (isLarge && deleted >= limit) return deleted;
  }
  await client.query('delete from jobs where id = any($1)', [jobIds]);
  await client.query('update jobs set purge_at = null where id = any($1)', [itemsOnlyIds]);
  return deleted;
}

/** One job lies in one partition, where a ctid names one row. */
async function deletePart(client: PoolClient, table: string, jobId: string, limit: number): Promise<number> {
  const { rowCount } = await client.query(
    `delete from ${table} where job_id = $1 and ctid = any(array(select ctid from ${table} where job_id = $1 limit $2))`,
    [jobId, limit],
  );
  return rowCount ?? 0;
}
