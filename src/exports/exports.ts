import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { ExportEntity, type Export } from '../database/entities/export.ts';
import { JobEntity, type Job } from '../database/entities/job.ts';
import { newId } from '../database/new-id.ts';
import { listExportIds } from '../database/sql/reads/list-export-ids.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../domain/errors.ts';
import { assertExportable, maxExports, type ExportRequest, type ExportState } from '../domain/export.ts';
import { allowedActions, assertItems, isTerminal } from '../domain/job-state.ts';
import { getJobType } from '../job-types/registry.ts';
import { canSee, visibleJobs } from '../jobs/can-see.ts';
import type { Viewer } from '../jobs/commands.ts';
import type { Quotas } from '../limits/quotas.ts';
import { createUrlSigner } from '../storage/signed-url.ts';
import { toPage, type Page, type PageRequest } from '../jobs/reads/page.ts';
import type { Storage } from '../storage/storage.ts';
import { createExportDownload, type ExportDownload } from './download-export.ts';
import { maxPrefixLength } from './file-name.ts';
import { exportStorageKey } from './storage-key.ts';
import { chooseColumns } from './table-columns.ts';

/** Files made from a job's results. */
export interface Exports {
  /** @throws NotFoundError (job), InvalidInputError, ConflictError, LimitExceededError */
  createExport(viewer: Viewer, request: ExportRequest & { jobId: string }): Promise<Export>;
  /** Several of one job, all or none. @throws as createExport */
  createExports(viewer: Viewer, jobId: string, requests: readonly ExportRequest[]): Promise<Export[]>;
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
  quotas: Pick<Quotas, 'spend'>;
  config: Pick<Config, 'secret' | 'publicUrl'>;
  /** Starts the workflow that writes the export; it may fail silently, for the reconciler starts it again. */
  startExport(exportId: string): Promise<void>;
}

/** Files are downloaded by signed links at "/exports/<id>". */
export function createExports({ database, storage, quotas, config, startExport }: ExportsDeps): Exports {
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

  async function createExports(viewer: Viewer, jobId: string, requests: readonly ExportRequest[]): Promise<Export[]> {
    if (requests.length === 0 || requests.length > maxExports) {
      throw refusal('exports', `Ask for 1 to ${maxExports} exports at a time, not for ${requests.length}.`);
    }
    const prefixes = requests.map(({ fileNamePrefix }) => checkPrefix(fileNamePrefix));
    for (const request of requests) assertExportable(request);
    const job = await getJob(viewer, jobId);
    const created = requests.map((request, at) => {
      assertThere(job, request.content);
      if (request.columns) chooseColumns(getJobType(job.type), request.columns);
      return buildExport(job, { ...request, fileNamePrefix: prefixes[at] ?? null });
    });
    await quotas.spend(viewer, 'EXPORTS', created.length);
    await database.em().insertMany(ExportEntity, created);
    await Promise.all(created.map(({ id }) => startExport(id)));
    return created;
  }

  return {
    findExport,

    async createExport(viewer, { jobId, ...request }) {
      const [created] = await createExports(viewer, jobId, [request]);
      if (!created) throw new Error('One request made no export.');
      return created;
    },

    createExports,

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

function buildExport(job: Job, { format, content, fileNamePrefix, columns }: ExportRequest): Export {
  return {
    id: newId(),
    jobId: job.id,
    projectId: job.projectId,
    format,
    content,
    fileNamePrefix: fileNamePrefix ?? null,
    columns: columns ? [...columns] : null,
    state: 'PENDING',
    attempt: 0,
    percent: 0,
    asOfSequence: null,
    checkpoint: null,
    fileName: null,
    byteSize: null,
    sha256: null,
    error: null,
    atCompletion: false,
    createdAt: new Date(),
    completedAt: null,
    expiresAt: null,
  };
}

function checkPrefix(prefix: string | null | undefined): string | null {
  if (prefix === null || prefix === undefined || prefix.trim() === '') return null;
  if (prefix.length <= maxPrefixLength && prefix.isWellFormed() && !prefix.includes('\0')) return prefix.trim();
  throw refusal('fileNamePrefix', `The file name prefix must be text of at most ${maxPrefixLength} characters.`);
}

function refusal(field: string, message: string): InvalidInputError {
  return new InvalidInputError(message, [{ path: [field], message, row: null, field }]);
}

/** Items and failures can be exported at any time, as far as they are; totals are made when all items have ended. */
function assertThere(job: Job, content: ExportRequest['content']): void {
  if (content !== 'AGGREGATES') return assertItems(job);
  if (job.aggregates !== null) return;
  const message = isTerminal(job.state)
    ? `Job ${job.id} ended ${job.state} without aggregates: export its ITEMS or FAILURES.`
    : `Job ${job.id} is ${job.state} and has no aggregates yet: wait for its end, or export its ITEMS or FAILURES.`;
  throw new ConflictError(message, { state: job.state, allowedActions: allowedActions(job) });
}
