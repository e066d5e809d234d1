import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { claimIngest, type IngestClaim } from '../database/sql/claim-ingest.ts';
import { commitIngestBatch } from '../database/sql/commit-ingest-batch.ts';
import { findStoppedJobs } from '../database/sql/find-stopped-jobs.ts';
import { lockIngest } from '../database/sql/lock-ingest.ts';
import { endStage } from '../database/sql/set-stage-state.ts';
import type { StepOutcome } from '../domain/activities.ts';
import type { InputIssue } from '../domain/errors.ts';
import { ingestStageName } from '../domain/stage-plan.ts';
import { isTable } from '../domain/upload-format.ts';
import { getJobType } from '../job-types/registry.ts';
import { createItemValidator } from '../job-types/validate-item.ts';
import { openSource, type OpenSource } from '../sources/open-source.ts';
import type { SourceRow } from '../sources/source-row.ts';
import { toReadable } from '../sources/to-readable.ts';
import type { Storage } from '../storage/storage.ts';
import { createIngestBatch, type IngestRow } from './ingest-batch.ts';
import { SourceRefusedError } from './source-refused-error.ts';
import { SupersededError } from './superseded-error.ts';

export interface IngestDeps {
  database: Database;
  storage: Storage;
  log: Logger;
}

export interface IngestTask {
  jobId: string;
  /** Called at least about twice a second while rows are read. */
  heartbeat(details: { rows: number }): void;
  /** Aborted when the worker shuts down. */
  signal: AbortSignal;
}

/** The most problems that a refused job lists. */
const maxProblems = 100;
const pulseMs = 500;

/**
 * Reads a job's source into items, batch by batch; after a crash it goes on behind the last committed batch. Ends the
 * stage when the source ends. YIELDED when the job is not to run (any more). Memory does not grow with the source.
 * @throws SourceRefusedError, UnreadableSourceError, NotFoundError: for good; anything else may pass.
 */
export async function ingestItems(deps: IngestDeps, task: IngestTask): Promise<StepOutcome> {
  const claim = await claimIngest(deps.database.pool, task.jobId);
  if (!claim) return 'YIELDED';
  const { attempt } = claim;
  if (attempt === null) return claim.stageState === 'COMPLETED' ? 'DONE' : 'YIELDED';

  const ingest = createIngest(deps, task, { ...claim, attempt });
  if (claim.validation === 'STRICT' && claim.completed === 0 && (await ingest.check()) === 'YIELDED') return 'YIELDED';
  if ((await ingest.copy()) === 'YIELDED') return 'YIELDED';
  await ingest.end();
  return 'DONE';
}

function createIngest(deps: IngestDeps, task: IngestTask, claim: IngestClaim & { attempt: number }) {
  const { jobId } = task;
  const { attempt } = claim;
  const source = toReadable(claim.source, deps.database.pool);
  const jobType = getJobType(claim.jobType);
  const isText = source.kind === 'upload' && isTable(source.format);
  const validate = createItemValidator(jobType, claim.validation, isText ? 'TEXT' : 'TYPED');
  const pulse = createPulse(deps, task);
  const open = () => openSource(source, { storage: deps.storage, fields: jobType.fieldNames });

  /** Holds every row to the schema without writing any. */
  async function check(): Promise<StepOutcome> {
    const issues: InputIssue[] = [];
    for await (const rows of open()) {
      for (const sourceRow of rows) {
        for (const issue of readRow(sourceRow).issues) {
          issues.push({ path: issue.field?.split('.') ?? [], row: sourceRow.row, ...issue });
          if (issues.length === maxProblems) throw new SourceRefusedError(issues, false);
        }
        if (pulse.isDue(sourceRow.row) && (await pulse.isToStop(sourceRow.row))) return 'YIELDED';
      }
    }
    if (issues.length > 0) throw new SourceRefusedError(issues, true);
    return 'DONE';
  }

  /** Reads the next batch while Postgres takes in the last one: at most two are held. */
  async function copy(): Promise<StepOutcome> {
    const opened = open();
    const commits = createCommits();
    let batch = createIngestBatch();
    try {
      for await (const rows of opened) {
        for (const sourceRow of rows) {
          if (pulse.isDue(sourceRow.row) && (await pulse.isToStop(sourceRow.row))) return 'YIELDED';
          if (sourceRow.row <= claim.completed) continue;
          batch.add(readRow(sourceRow));
          if (!batch.isFull()) continue;
          if ((await commits.settled()) === 'YIELDED') return 'YIELDED';
          commits.begin(commit(batch, opened.progress));
          batch = createIngestBatch();
        }
      }
      if ((await commits.settled()) === 'YIELDED') return 'YIELDED';
      return batch.items.length > 0 ? await commit(batch, opened.progress) : 'DONE';
    } finally {
      // Nothing of this attempt goes on after it. That a commit failed comes before whatever else ended the reading.
      await commits.settled();
    }
  }

  function readRow({ row, raw, problem }: SourceRow): IngestRow {
    const index = row - 1;
    if (problem)
      return { index, key: null, payload: raw, issues: [{ field: problem.field, message: problem.message }] };
    const checked = validate(raw);
    if (checked.ok) return { index, key: checked.key, payload: checked.item, issues: [] };
    return { index, key: checked.key, payload: raw, issues: checked.issues };
  }

  async function commit(
    { items, invalid }: ReturnType<typeof createIngestBatch>,
    read: OpenSource['progress'],
  ): Promise<StepOutcome> {
    task.signal.throwIfAborted();
    const progress = { ...read };
    const jobState = await deps.database.transaction(async (client) => {
      const state = await commitIngestBatch(client, {
        jobId,
        attempt,
        items,
        invalid,
        total: source.kind === 'inline' ? source.items.length : null,
        progress,
      });
      if (state === null) throw new SupersededError(`the ingest of job ${jobId}`, attempt);
      return state;
    });
    return jobState === 'RUNNING' ? 'DONE' : 'YIELDED';
  }

  async function end(): Promise<void> {
    await deps.database.transaction(async (client) => {
      if (!(await lockIngest(client, jobId, attempt))) throw new SupersededError(`the ingest of job ${jobId}`, attempt);
      await endStage(client, jobId, { name: ingestStageName, position: 0 }, 'COMPLETED');
    });
    deps.log.info({ event: 'source_ingested', job_id: jobId, attempt });
  }

  return { check, copy, end };
}

/** Holds the one commit that may be under way. */
function createCommits() {
  let current: Promise<StepOutcome> = Promise.resolve('DONE');
  return {
    begin: (commit: Promise<StepOutcome>): void => {
      current = commit;
      // It may fail while nobody waits for it: settled() tells.
      commit.catch(() => undefined);
    },
    settled: () => current,
  };
}

/** Twice a second: tells Temporal that we live, and asks whether the job is to go on. @throws the signal's reason */
function createPulse({ database }: IngestDeps, { jobId, heartbeat, signal }: IngestTask) {
  let next = performance.now() + pulseMs;
  return {
    isDue: (row: number): boolean => row % 100 === 0 && performance.now() >= next,
    isToStop: async (row: number): Promise<boolean> => {
      signal.throwIfAborted();
      heartbeat({ rows: row });
      const stopped = await findStoppedJobs(database.pool, [jobId]);
      next = performance.now() + pulseMs;
      return stopped.length > 0;
    },
  };
}
