import type { PoolClient } from 'pg';

/** Holds stored template files until the transaction ends, so that clean-up passes over them; answers those that are there. */
export async function lockTemplateFiles(
  client: Pick<PoolClient, 'query'>,
  projectId: string,
  ids: readonly string[],
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select id from template_files where project_id = $1 and id = any($2) and stored_at is not null order by id for key share`,
    [projectId, ids],
  );
  return rows.map(({ id }) => id);
}
