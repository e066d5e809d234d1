import type { Database } from '../database/database.ts';
import { claimIngest, type IngestClaim } from '../database/sql/claim-ingest.ts';
import type { StepOutcome } from '../domain/activities.ts';
import { DomainError } from '../domain/errors.ts';
import type { StoredSource } from '../domain/job.ts';
import { getJobType } from '../job-types/registry.ts';
import { sampleSource } from '../sources/sample-source.ts';
import type { SheetAccess } from '../sources/sheet/sheet-access.ts';
import { uploadKey } from '../sources/source-file.ts';
import { toReadable } from '../sources/to-readable.ts';
import type { UrlAccess } from '../sources/url/url-access.ts';
import { fetchSheet } from './fetch-sheet.ts';
import { fetchUrl } from './fetch-url.ts';
import type { FetchingDeps, FetchTask } from './fetching.ts';

export interface FetchDeps extends FetchingDeps {
  /** What may be fetched; `config` gives it, tests set its times too. */
  urlAccess: UrlAccess;
  sheets: SheetAccess;
}

/**
 * Fetches the file of a job whose source is a URL, or the rows of a sheet, and makes it an upload: whatever is there later,
 * the job reads this. Does nothing for other sources, and when the file is there. After a crash it goes on behind what came.
 * YIELDED when the job is not to run (any more). @throws UnreadableSourceError and what else a client can act on: for good
 */
export async function fetchSource(deps: FetchDeps, task: FetchTask): Promise<StepOutcome> {
  const { database, storage } = deps;
  const job = await findSource(database, task.jobId);
  if (job?.source.kind !== 'url' && job?.source.kind !== 'googleSheet') return 'DONE';
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
  if (job?.source.kind !== 'url' && job?.source.kind !== 'googleSheet') return;
  if (!job.source.columns?.length) return;
  const fields = getJobType(job.type).fieldNames;
  await sampleSource(toReadable(job.source, database.pool), { storage, fields }, { keep: 0 });
}

async function fetchClaimed(deps: FetchDeps, task: FetchTask): Promise<StepOutcome> {
  const claim = await claimIngest(deps.database.pool, task.jobId);
  if (!claim || (claim.source.kind !== 'url' && claim.source.kind !== 'googleSheet')) return 'YIELDED';
  const { attempt, source } = claim;
  if (attempt === null) return claim.stageState === 'COMPLETED' ? 'DONE' : 'YIELDED';
  try {
    return await fetchAs(deps, task, { ...claim, attempt }, source);
  } catch (error) {
    // What cannot be fetched now is fetched anew when the job is retried.
    if (error instanceof DomainError && !error.retryable) {
      await deps.storage.delete(uploadKey(source.uploadId));
    }
    throw error;
  }
}

async function fetchAs(
  deps: FetchDeps,
  task: FetchTask,
  claim: IngestClaim & { attempt: number },
  source: StoredSource,
): Promise<StepOutcome> {
  switch (source.kind) {
    case 'url':
      return await fetchUrl(deps, task, { ...claim, source });
    case 'googleSheet':
      return await fetchSheet(deps, task, { ...claim, source });
    default:
      throw new Error(`A source of the kind ${source.kind} is not fetched.`);
  }
}
