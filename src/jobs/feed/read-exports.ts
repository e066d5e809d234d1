import type { Database } from '../../database/database.ts';
import { ExportEntity, type Export } from '../../database/entities/export.ts';
import { readExportVersions } from '../../database/sql/read-export-versions.ts';

/** Those of the exports that are there, by id, as they are now; a row is read only when its version is not the known one. */
export async function readExports(
  database: Database,
  known: ReadonlyMap<string, { version: string; row: Export } | null>,
): Promise<Map<string, { version: string; row: Export }>> {
  const versions = await readExportVersions(database.pool, [...known.keys()]);
  const changed = [...versions].filter(([id, version]) => known.get(id)?.version !== version).map(([id]) => id);
  // Read after its version: a change between the two makes it newer than that says, and it is read once more.
  const rows = changed.length === 0 ? [] : await database.em().find(ExportEntity, { id: { $in: changed } });
  const fresh = new Map(rows.map((row) => [row.id, row]));
  return new Map(
    [...versions].flatMap(([id, version]) => {
      const row = fresh.get(id) ?? known.get(id)?.row;
      return row ? [[id, { version, row }] as const] : [];
    }),
  );
}
