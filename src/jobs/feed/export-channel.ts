import type { Export } from '../../database/entities/export.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { createBell, type Bell } from './bell.ts';

/** What is known of one watched export, shared by all who watch it. */
export interface ExportChannel {
  readonly exportId: string;
  readonly projectId: string;
  readonly version: string;
  readonly row: Export;
  readers: number;
  readonly changed: Bell;
  /** Takes in what the database says now; null: the export or its job is gone. */
  apply(now: { version: string; row: Export } | null): void;
  /** @throws NotFoundError once the export has been deleted */
  assertThere(): void;
}

/** A channel that begins with what the database said of the export. */
export function createExportChannel(first: { version: string; row: Export }): ExportChannel {
  let { version, row } = first;
  let gone = false;
  const changed = createBell();
  return {
    exportId: row.id,
    projectId: row.projectId,
    get version() {
      return version;
    },
    get row() {
      return row;
    },
    readers: 0,
    changed,
    apply(now) {
      if (now === null) gone = true;
      else ({ version, row } = now);
      changed.ring();
    },
    assertThere() {
      if (gone) throw new NotFoundError(`Export ${row.id} was deleted.`);
    },
  };
}
