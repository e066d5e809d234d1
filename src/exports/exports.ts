import type { Export } from '../database/entities/export.ts';
import type { ExportRequest } from '../domain/export.ts';
import type { Viewer } from '../jobs/commands.ts';

/** Files made from a job's results. */
export interface Exports {
  /** @throws NotFoundError (job), InvalidInputError, ConflictError */
  createExport(viewer: Viewer, request: ExportRequest & { jobId: string }): Promise<Export>;
  /** @throws NotFoundError */
  deleteExport(viewer: Viewer, id: string): Promise<void>;
  findExport(viewer: Viewer, id: string): Promise<Export | null>;
  listExports(jobIds: readonly string[]): Promise<Export[]>;
  /** The signed link, or null when there is nothing to download. */
  downloadUrl(found: Export): string | null;
}
