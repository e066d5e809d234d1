import { Readable } from 'node:stream';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { claimIngest, type IngestClaim } from '../database/sql/claim-ingest.ts';
import { findFileTtl } from '../database/sql/find-file-ttl.ts';
import { lockIngest } from '../database/sql/lock-ingest.ts';
import { noteFetch } from '../database/sql/note-fetch.ts';
import { storeFetchedUpload } from '../database/sql/store-fetched-upload.ts';
import type { StepOutcome } from '../domain/activities.ts';
import { LimitExceededError, toError } from '../domain/errors.ts';
import type { SealedUrlSource, StoredSource } from '../domain/job.ts';
import { getJobType } from '../job-types/registry.ts';
import { sampleSource } from '../sources/sample-source.ts';
import { toReadable } from '../sources/to-readable.ts';
import { UnreadableSourceError } from '../sources/unreadable-source-error.ts';
import { openUploadFile, uploadKey } from '../sources/source-file.ts';
import { fetchBytes, NotResumableError, type RemoteFile } from '../sources/url/fetch-bytes.ts';
import { tellFormat } from '../sources/url/remote-file.ts';
import { unsealTarget } from '../sources/url/seal-target.ts';
import type { UrlAccess } from '../sources/url/url-access.ts';
import type { Draft, Storage } from '../storage/storage.ts';
import { createLineCounter } from '../uploads/line-counter.ts';
import type { JobWatch } from './job-watch.ts';
import { SupersededError } from './superseded-error.ts';

export interface FetchDeps {
  database: Database;
  storage: Storage;
  jobWatch: JobWatch;
  log: Logger;
  /** What may be fetched; `config` gives it, tests set its times too. */
  urlAccess: UrlAccess;
  config: Pick<Config, 'secret' | 'uploadTtlMs'>;
}

export interface FetchTask {
  jobId: string;
  /** Aborted when the worker shuts down. */
  signal: AbortSignal;
}

/** Restarts from the first byte, of servers that cannot go on in the middle. */
const maxRestarts = 3;
const noteEveryMs = 2_000;

/**
 * Fetches the file of a job whose source is a URL, and makes it an upload: whatever the server has later, the job reads
 * this. Does nothing for other sources, and when the file is there. After a crash it goes on behind the bytes that came.
 * YIELDED when the job is not to run (any more). @throws UnreadableSourceError, LimitExceededError: for good
 */
export async function fetchSource(deps: FetchDeps, task: FetchTask): Promise<StepOutcome> {
  const { database, storage } = deps;
  const job = await findSource(database, task.jobId);
  if (job?.source.kind !== 'url') return 'DONE';
  const isThere = job.isReceived && (await storage.head(uploadKey(job.source.uploadId)));
  if (!isThere) {
    const outcome = await fetchClaimed(deps, task);
    if (outcome === 'YIELDED') return outcome;
  }
  await assertColumns(deps, task.jobId);
  return 'DONE';
}

async function findSource({ pool }: Database, jobId: string) {
  const { rows } = await pool.query<{ type: string; source: StoredSource; isReceived: boolean }>(
    `select j.type, j.source, u.id is not null as "isReceived"
     from jobs j left join uploads u on u.id::text = j.source ->> 'uploadId' where j.id = $1`,
    [jobId],
  );
  return rows[0] ?? null;
}

/** A name that the client got wrong; for uploads the submit finds it. */
async function assertColumns({ database, storage }: FetchDeps, jobId: string): Promise<void> {
  const job = await findSource(database, jobId);
  if (job?.source.kind !== 'url' || !job.source.columns?.length) return;
  const fields = getJobType(job.type).fieldNames;
  await sampleSource(toReadable(job.source, database.pool), { storage, fields }, 0);
}

async function fetchClaimed(deps: FetchDeps, task: FetchTask): Promise<StepOutcome> {
  const claim = await claimIngest(deps.database.pool, task.jobId);
  if (!claim || claim.source.kind !== 'url') return 'YIELDED';
  const { attempt, source } = claim;
  if (attempt === null) return claim.stageState === 'COMPLETED' ? 'DONE' : 'YIELDED';
  try {
    return await createFetching(deps, task, { ...claim, attempt, source }).run();
  } catch (error) {
    // What cannot be fetched now is fetched anew when the job is retried.
    if (error instanceof UnreadableSourceError || error instanceof LimitExceededError) {
      await deps.storage.delete(uploadKey(source.uploadId));
    }
    throw error;
  }
}

type UrlClaim = IngestClaim & { attempt: number; source: SealedUrlSource };

/** What is noted in the stage, so that a later attempt goes on with the same file. */
const noteSchema = z.object({
  remote: z.object({
    validator: z.string().nullable(),
    byteSize: z.number().nullable(),
    fileName: z.string(),
    contentType: z.string().nullable(),
  }),
});

function createFetching(deps: FetchDeps, { jobId, signal }: FetchTask, claim: UrlClaim) {
  const { database, storage, urlAccess, config } = deps;
  const { source, attempt } = claim;
  const key = uploadKey(source.uploadId);
  const target = unsealTarget(config.secret, source.uploadId, source.sealed);
  let remote: RemoteFile | null = noteSchema.safeParse(claim.metadata).data?.remote ?? null;

  async function run(): Promise<StepOutcome> {
    const watch = deps.jobWatch.watch(jobId);
    try {
      const fetched = await fetchWhole(AbortSignal.any([signal, watch.signal]));
      await complete(fetched.draft, fetched.lineCount);
      return 'DONE';
    } catch (error) {
      signal.throwIfAborted();
      // Paused or canceled: what came waits for a resume.
      if (watch.signal.aborted) return 'YIELDED';
      throw error;
    } finally {
      watch.release();
    }
  }

  async function fetchWhole(stop: AbortSignal): Promise<{ draft: Draft; lineCount: number | null }> {
    for (let restarts = 0; ; restarts += 1) {
      const isSame = restarts === 0 && remote !== null && remote.validator !== null;
      const offset = isSame ? await storage.draftSize(key) : 0;
      const lines = createLineCounter();
      try {
        const content = Readable.from(readBytes(offset, stop), { objectMode: false });
        const { maxBytes } = urlAccess;
        const draft = await storage.write(key, content, { offset, maxBytes, signal: stop, watch: lines.count });
        return { draft, lineCount: lines.total() };
      } catch (thrown) {
        const error = toError(thrown);
        if (!(error instanceof NotResumableError)) throw error;
        if (restarts >= maxRestarts) {
          throw new UnreadableSourceError(
            'The connection broke several times, and the server cannot go on where it stopped. Upload the file instead.',
            error,
          );
        }
      }
    }
  }

  async function* readBytes(offset: number, stop: AbortSignal): AsyncGenerator<Buffer> {
    let bytesFetched = offset;
    let notedAt = 0;
    const note = async () => {
      notedAt = performance.now();
      await noteProgress(bytesFetched);
    };
    const onOpened = async (file: RemoteFile) => {
      remote = file;
      await note();
    };
    const known = offset > 0 ? remote : null;
    for await (const bytes of fetchBytes(urlAccess, { target, offset, known, signal: stop, onOpened })) {
      bytesFetched += bytes.length;
      yield bytes;
      if (performance.now() - notedAt > noteEveryMs) await note();
    }
    await note();
  }

  async function noteProgress(bytesFetched: number): Promise<void> {
    const metadata = { remote, bytesFetched, bytesToFetch: remote?.byteSize ?? null };
    const state = await database.transaction((client) => noteFetch(client, { jobId, attempt, metadata }));
    if (state === null) throw new SupersededError(`the ingest of job ${jobId}`, attempt);
  }

  async function complete({ sha256, byteSize, ...draft }: Draft, lineCount: number | null): Promise<void> {
    const { fetchedSha256 } = claim.metadata;
    if (claim.completed > 0 && fetchedSha256 !== sha256) {
      throw new UnreadableSourceError(
        'The file is no longer the one that this job began to read. Submit a job over the new one.',
      );
    }
    const file = remote ?? { fileName: 'file', contentType: null };
    const { projectId } = claim;
    const ttlMs = await findFileTtl(database.pool, { projectId, kind: 'uploads', defaultMs: config.uploadTtlMs });
    await database.transaction(async (client) => {
      if (!(await lockIngest(client, jobId, attempt))) throw new SupersededError(`the ingest of job ${jobId}`, attempt);
      await draft.publish();
      const format =
        source.format ?? (await tellFormat(file, await openUploadFile(storage, source.uploadId), source.entry ?? null));
      await storeFetchedUpload(client, {
        id: source.uploadId,
        projectId,
        jobId,
        fileName: file.fileName,
        byteSize,
        sha256,
        lineCount,
        expiresAt: new Date(Date.now() + ttlMs),
        format,
      });
      await noteFetch(client, { jobId, attempt, metadata: { fetchedSha256: sha256 } });
    });
    deps.log.info({ event: 'source_fetched', job_id: jobId, attempt, byte_size: byteSize });
  }

  return { run };
}
