import type { PoolClient } from 'pg';

/** Jobs whose rows one transaction takes. */
export interface PurgeBatch {
  /** Deleted ones: all of them goes. */
  jobIds: string[];
  /** Those that only lose their items and results. */
  itemsOnlyIds: string[];
  /** The exports of the deleted ones. */
  exportIds: string[];
  /** Those of all of them whose items left files. */
  filesOfJobIds: string[];
  /** The only one, and too large for one batch. */
  isLarge: boolean;
}

const maxJobs = 500;

/**
 * Largest first, each with the rest of its primary key behind the job. In that order a part is found by the index, which
 * passes over what earlier parts took; without it Postgres reads the dead rows of all earlier parts again.
 */
export const itemTables = {
  item_files: 'id',
  item_results: 'index',
  items: 'index',
  aggregate_parts: 'dimension, generation, chunk, remaining',
  open_items: 'index',
};
export const jobTables = {
  key_turns: 'stage, generation, index',
  chunks: 'stage, generation, index',
  job_events: 'sequence',
  exports: 'id',
  generations: 'generation',
  stages: 'position',
  guard_rails: 'job_id',
  sheet_write_backs: 'job_id',
  job_templates: 'job_id',
};

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
  const { rows: withFiles } = await client.query<{ id: string }>(
    'select id from unnest($1::uuid[]) as j (id) where exists (select from item_files where job_id = j.id)',
    [[...jobIds, ...itemsOnlyIds]],
  );
  return {
    jobIds,
    itemsOnlyIds,
    exportIds: exports.map(({ id }) => id),
    filesOfJobIds: withFiles.map(({ id }) => id),
    isLarge: (due[0]?.size ?? 0) > limit,
  };
}

/** Deletes the rows of a batch, of a large job up to `limit`; a job's own row goes last, so that it is found again. */
export async function deletePurgeBatch(client: PoolClient, batch: PurgeBatch, limit: number): Promise<number> {
  const { jobIds, itemsOnlyIds, isLarge } = batch;
  if (jobIds.length + itemsOnlyIds.length === 0) return 0;
  let deleted = 0;
  for (const [table, order] of Object.entries({ ...itemTables, ...(jobIds.length > 0 ? jobTables : {}) })) {
    const ids = [...jobIds, ...(table in itemTables ? itemsOnlyIds : [])];
    deleted += isLarge
      ? await deletePart(client, { table, order, jobId: ids[0] ?? '', limit: limit - deleted })
      : ((await client.query(`delete from ${table} where job_id = any($1)`, [ids])).rowCount ?? 0);
    if (isLarge && deleted >= limit) return deleted;
  }
  // The rates of their own.
  await client.query(
    `delete from buckets using jobs where jobs.id = any($1) and buckets.project_id = jobs.project_id and name = 'job:' || jobs.id`,
    [jobIds],
  );
  await client.query('delete from jobs where id = any($1)', [jobIds]);
  await client.query('update jobs set purge_at = null where id = any($1)', [itemsOnlyIds]);
  return deleted;
}

/** One job lies in one partition, where a ctid names one row. */
async function deletePart(
  client: PoolClient,
  { table, order, jobId, limit }: { table: string; order: string; jobId: string; limit: number },
): Promise<number> {
  const { rowCount } = await client.query(
    `delete from ${table} where job_id = $1
       and ctid = any(array(select ctid from ${table} where job_id = $1 order by ${order} limit $2))`,
    [jobId, limit],
  );
  return rowCount ?? 0;
}
