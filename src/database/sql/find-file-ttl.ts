import type { Pool } from 'pg';

const columns = { exports: 'export_ttl_ms', uploads: 'upload_ttl_ms' } as const;

/** Milliseconds for which a project keeps the files that it makes now; `defaultMs` when it says nothing. */
export async function findFileTtl(
  pool: Pool,
  { projectId, kind, defaultMs }: { projectId: string; kind: keyof typeof columns; defaultMs: number },
): Promise<number> {
  const { rows } = await pool.query<{ ms: number | null }>(
    `select ${columns[kind]}::float8 as ms from projects where id = $1`,
    [projectId],
  );
  return rows[0]?.ms ?? defaultMs;
}
