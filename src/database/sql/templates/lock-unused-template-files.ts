import type { PoolClient } from 'pg';

const unused = `not exists (select from template_versions where file_ids @> array[f.id::text])
  and not exists (select from job_templates where file_ids @> array[f.id::text])`;

/**
 * Locks up to `limit` template files that no version of a template and no job names. Younger ones may be about to be named.
 * What is found is looked at again under the lock: whoever named a file before held it till then.
 */
export async function lockUnusedTemplateFiles(
  client: PoolClient,
  { minAgeMs, limit }: { minAgeMs: number; limit: number },
): Promise<string[]> {
  const { rows: found } = await client.query<{ id: string }>(
    `select id from template_files f where created_at < now() - $1 * interval '1 millisecond' and ${unused}
     order by id limit $2 for update skip locked`,
    [minAgeMs, limit],
  );
  if (found.length === 0) return [];
  const ids = found.map(({ id }) => id);
  const { rows } = await client.query<{ id: string }>(
    `select id from template_files f where id = any($1) and ${unused}`,
    [ids],
  );
  return rows.map(({ id }) => id);
}
