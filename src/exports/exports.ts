import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { ExportEntity, type Export } from '../database/entities/export.ts';
import { JobEntity, type Job } from '../database/entities/job.ts';
import { newId } from '../database/new-id.ts';
import { listExportIds } from '../database/sql/reads/list-export-ids.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../domain/errors.ts';
import { assertExportable, type ExportRequest, type ExportState } from '../domain/export.ts';
import { allowedActions, isTerminal } from '../domain/job-state.ts';
import { getJobType } from '../job-types/registry.ts';
import { canSee, visibleJobs } from '../jobs/can-see.ts';
import type { Viewer } from '../jobs/commands.ts';
import { createUrlSigner } from '../storage/signed-url.ts';
import { toPage, type Page, type PageRequest } from '../jobs/reads/page.ts';
import type { Storage } from '../storage/storage.ts';
import { createExportDownload, type ExportDownload } from './download-export.ts';
import { maxPrefixLength } from './file-name.ts';
import { exportStorageKey } from './storage-key.ts';
import { chooseColumns } from './table-columns.ts';

/** Files made from a job's results. */
export interface Exports {
  /** @throws NotFoundError (job), InvalidInputError, ConflictError */
  createExport(viewer: Viewer, request: ExportRequest & { jobId: string }): Promise<Export>;
  /** @throws NotFoundError */
  deleteExport(viewer: Viewer, id: string): Promise<void>;
  findExport(viewer: Viewer, id: string): Promise<Export | null>;
  listExports(jobIds: readonly string[]): Promise<Export[]>;
  /** Of all jobs, in these states or in any, newest first; the cursor is the last id. */
  listProjectExports(
    viewer: Viewer,
    states: readonly ExportState[] | null,
    request: PageRequest<string>,
  ): Promise<Page<Export>>;
  /** The signed link, or null when there is nothing to download. */
  downloadUrl(found: Export): string | null;
  /** Serves the signed links. */
  download: ExportDownload;
}

export interface ExportsDeps {
  database: Database;
  storage: Storage;
  config: Pick<Config, 'secret' | 'publicUrl'>;
  /** Starts the workflow that writes the export; it may fail silently, for the reconciler starts it again. */
  startExport(exportId: string): Promise<void>;
}

/** Files are downloaded by signed links at "/exports/<id>". */
export function createExports({ database, storage, config, startExport }: ExportsDeps): Exports {
  const signer = createUrlSigner(config);

  async function getJob(viewer: Viewer, id: string): Promise<Job> {
    const job = await database.em().findOne(JobEntity, { $and: [{ id }, visibleJobs(viewer)] });
    if (!job) throw new NotFoundError(`There is no job ${id}.`);
    return job;
  }

  async function findExport(viewer: Viewer, id: string): Promise<Export | null> {
    const found = await database.em().findOne(ExportEntity, { id });
    return found && canSee(viewer, { id: found.jobId, projectId: found.projectId }) ? found : null;
  }

  return {
    findExport,

    async createExport(viewer, { jobId, format, content, fileNamePrefix, columns }) {
      assertExportable({ format, content, columns });
      const prefix = checkPrefix(fileNamePrefix);
      const job = await getJob(viewer, jobId);
      assertEnded(job, content);
      if (columns) chooseColumns(getJobType(job.type), columns);
      const created: Export = {
        id: newId(),
        jobId,
        projectId: viewer.projectId,
        format,
        content,
        fileNamePrefix: prefix,
        columns: columns ? [...columns] : null,
        state: 'PENDING',
        attempt: 0,
        percent: 0,
        fileName: null,
        byteSize: null,
        sha256: null,
        error: null,
        atCompletion: false,
        createdAt: new Date(),
        completedAt: null,
        expiresAt: null,
      };
      await database.em().insert(ExportEntity, created);
      await startExport(created.id);
      return created;
    },

    async deleteExport(viewer, id) {
      const deleted = await database.em().nativeDelete(ExportEntity, { id, projectId: viewer.projectId });
      if (deleted === 0) throw new NotFoundError(`There is no export ${id}.`);
      // Its row is its permission: once that is gone, a writer cannot complete it and a link finds nothing.
      await storage.delete(exportStorageKey(id));
    },

    async listExports(jobIds) {
      return await database.em().find(ExportEntity, { jobId: { $in: [...jobIds] } }, { orderBy: { id: 'asc' } });
    },

    async listProjectExports({ projectId }, states, request) {
      const { after, limit } = request;
      const ids = await listExportIds(database.pool, { projectId, states, after, limit: limit + 1 });
      const rows = await database.em().find(ExportEntity, { id: { $in: ids } }, { orderBy: { id: 'desc' } });
      return toPage(rows, request);
    },

    downloadUrl({ id, state, expiresAt }) {
      if (state !== 'COMPLETED' || !expiresAt || expiresAt <= new Date()) return null;
      return signer.sign({ method: 'GET', path: `/exports/${id}`, expiresAt });
    },

    download: createExportDownload({ database, storage, signer }),
  };
}

function checkPrefix(prefix: string | null | undefined): string | null {
  if (prefix === null || prefix === undefined || prefix.trim() === '') return null;
  if (prefix.length <= maxPrefixLength && prefix.isWellFormed() && !prefix.includes('\0')) return prefix.trim();
  const message = `must be text of at most ${maxPrefixLength} characters`;
  const issue = { path: ['fileNamePrefix'], message, row: null, field: 'fileNamePrefix' };
  throw new InvalidInputError(`The file name prefix ${message}.`, [issue]);
}

function assertEnded(job: Job, content: ExportRequest['content']): void {
  const details = { state: job.state, allowedActions: allowedActions(job) };
  if (!isTerminal(job.state)) {
    throw new ConflictError(
      `Job ${job.id} is ${job.state}: it can be exported once it is COMPLETED, FAILED or CANCELED.`,
      details,
    );
  }
  if (content === 'AGGREGATES' && job.aggregates === null) {
    throw new ConflictError(
      `Job ${job.id} ended ${job.state} without aggregates: export its ITEMS or FAILURES.`,
      details,
    );
  }
}
