import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import type { IngestClaim } from '../database/sql/claim-ingest.ts';
import { findFileTtl } from '../database/sql/find-file-ttl.ts';
import { lockIngest } from '../database/sql/lock-ingest.ts';
import { noteFetch } from '../database/sql/note-fetch.ts';
import { storeFetchedUpload } from '../database/sql/store-fetched-upload.ts';
import type { StepOutcome } from '../domain/activities.ts';
import type { StoredSource, UploadFormat } from '../domain/job.ts';
import { UnreadableSourceError } from '../sources/unreadable-source-error.ts';
import type { Draft, Storage } from '../storage/storage.ts';
import type { JobWatch } from './job-watch.ts';
import { SupersededError } from './superseded-error.ts';

export interface FetchingDeps {
  database: Database;
  storage: Storage;
  jobWatch: JobWatch;
  log: Logger;
  config: Pick<Config, 'secret' | 'uploadTtlMs'>;
}

export interface FetchTask {
  jobId: string;
  /** Aborted when the worker shuts down. */
  signal: AbortSignal;
}

/** A source that becomes an upload before it is read, as one attempt holds it. */
export type FetchClaim<Kind extends StoredSource['kind']> = IngestClaim & {
  attempt: number;
  source: Extract<StoredSource, { kind: Kind; uploadId: string }>;
};

export interface FetchedFile {
  draft: Draft;
  fileName: string;
  lineCount: number | null;
  /** Asked for once the file can be read. */
  format(): Promise<UploadFormat>;
}

/** What every fetch of a source does alike: it stops with its job, notes how far it is, and becomes an upload. */
export function createFetching(
  deps: FetchingDeps,
  { jobId, signal }: FetchTask,
  claim: FetchClaim<'url' | 'googleSheet'>,
) {
  const { database } = deps;
  const { attempt, source, projectId } = claim;

  /** YIELDED when the job was paused or canceled: what came waits for a resume. */
  async function run(fetchWhole: (stop: AbortSignal) => Promise<FetchedFile>): Promise<StepOutcome> {
    const watch = deps.jobWatch.watch(jobId);
    try {
      await complete(await fetchWhole(AbortSignal.any([signal, watch.signal])));
      return 'DONE';
    } catch (error) {
      signal.throwIfAborted();
      if (watch.signal.aborted) return 'YIELDED';
      throw error;
    } finally {
      watch.release();
    }
  }

  /** Into the metadata of the stage, where clients see it and a later attempt finds it. @throws SupersededError */
  async function note(metadata: Record<string, unknown>): Promise<void> {
    const state = await database.transaction((client) => noteFetch(client, { jobId, attempt, metadata }));
    if (state === null) throw new SupersededError(`the ingest of job ${jobId}`, attempt);
  }

  async function complete({ draft, fileName, lineCount, format }: FetchedFile): Promise<void> {
    const { sha256, byteSize } = draft;
    if (claim.completed > 0 && claim.metadata['fetchedSha256'] !== sha256) {
      throw new UnreadableSourceError(
        'The file is no longer the one that this job began to read. Submit a job over the new one.',
      );
    }
    const ttlMs = await findFileTtl(database.pool, {
      projectId,
      kind: 'uploads',
      defaultMs: deps.config.uploadTtlMs,
    });
    await database.transaction(async (client) => {
      if (!(await lockIngest(client, jobId, attempt))) throw new SupersededError(`the ingest of job ${jobId}`, attempt);
      await draft.publish();
      await storeFetchedUpload(client, {
        id: source.uploadId,
        projectId,
        jobId,
        fileName,
        byteSize,
        sha256,
        lineCount,
        expiresAt: new Date(Date.now() + ttlMs),
        format: await format(),
      });
      await noteFetch(client, { jobId, attempt, metadata: { fetchedSha256: sha256 } });
    });
    deps.log.info({ event: 'source_fetched', job_id: jobId, attempt, byte_size: byteSize });
  }

  return { run, note };
}
