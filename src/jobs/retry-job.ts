import type { PoolClient } from 'pg';
import { findUnstorable } from '../database/storable-json.ts';
import type { Job } from '../database/entities/job.ts';
import { newId } from '../database/new-id.ts';
import { appendJobEvent } from '../database/sql/append-job-event.ts';
import { countFailureGroup } from '../database/sql/count-failure-group.ts';
import { findFailedChunks } from '../database/sql/find-failed-chunks.ts';
import { findFailedItems } from '../database/sql/find-failed-items.ts';
import { insertGeneration } from '../database/sql/insert-generation.ts';
import { insertRequestedExport } from '../database/sql/insert-requested-export.ts';
import { listStages } from '../database/sql/list-stages.ts';
import { markRetriedChunks } from '../database/sql/mark-retried-chunks.ts';
import { readItemCounts } from '../database/sql/read-item-counts.ts';
import { releaseRequestedExports } from '../database/sql/release-requested-exports.ts';
import { restartStages } from '../database/sql/restart-stages.ts';
import { restartWriteBack } from '../database/sql/restart-write-back.ts';
import { rateLimits } from '../domain/bucket.ts';
import type { Caller } from '../domain/caller.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../domain/errors.ts';
import {
  assertRequest,
  chooseChunks,
  chooseItems,
  type RedriveRequest,
  type RedriveSelection,
} from '../domain/redrive.ts';
import type { JobType } from '../job-types/define-job-type.ts';
import { getJobType } from '../job-types/registry.ts';
import { stagesToRun } from '../job-types/stages-to-run.ts';
import { parseOptions } from './check-command.ts';
import type { RetryCommand } from './commands.ts';
import { firstRun } from './first-run.ts';
import { changeCosts } from './guard-rails/change-costs.ts';
import { itemCosts } from './guard-rails/item-costs.ts';
import { renewGuardRails } from './guard-rails/renew-guard-rails.ts';
import type { Line } from './line.ts';
import { runAgain } from './run-again.ts';

interface RetryInput {
  line: Line;
  by: Caller;
  command: RetryCommand;
}

/**
 * A job that broke off goes on where it stopped; one that ran to its end runs the failed items that were asked for again, as the
 * next generation. The exports that were asked for at submit are made again at its end.
 * @throws InvalidInputError, LimitExceededError, NotFoundError (failure group, chunk), ConflictError
 */
export async function retry(client: PoolClient, job: Job, { line, by, command }: RetryInput): Promise<void> {
  assertRequest(command.request);
  const options = command.spec ? readOptions(job, command.spec) : job.options;
  const itemsPerSecond = readRate(command.itemsPerSecond) ?? job.itemsPerSecond ?? null;
  const renew = await renewGuardRails(client, job.id);
  const broken = (await listStages(client, job.id)).find(({ state }) => state !== 'COMPLETED' && state !== 'SKIPPED');
  if (broken) {
    assertPlain(job, broken.name, command);
    await renew(await restartStages(client, job));
  } else await renew(await redrive(client, job, { by, options, itemsPerSecond, request: command.request }));
  if (itemsPerSecond !== job.itemsPerSecond)
    await client.query('update jobs set items_per_second = $2 where id = $1', [job.id, itemsPerSecond]);
  if (options !== job.options) await changeOptions(client, job, options);
  await runAgain(client, line, job, { by: by.name });
  await restartWriteBack(client, job.id);
  // Those of the run that is over stay until they expire.
  for (const request of await releaseRequestedExports(client, job.id)) {
    await insertRequestedExport(client, job, newId(), request);
  }
}

async function changeOptions(client: PoolClient, job: Job, options: Record<string, unknown>): Promise<void> {
  await client.query('update jobs set options = $2 where id = $1', [job.id, JSON.stringify(options)]);
  await changeCosts(client, job.id, itemCosts(getJobType(job.type), options));
}

/** @throws InvalidInputError */
function readRate(itemsPerSecond: number | null): number | null {
  const { min, max } = rateLimits;
  if (itemsPerSecond === null || (itemsPerSecond >= min && itemsPerSecond <= max)) return itemsPerSecond;
  const message = `must be ${min} to ${max}, not ${itemsPerSecond}`;
  throw new InvalidInputError(`itemsPerSecond ${message}.`, [
    { path: ['itemsPerSecond'], message, row: null, field: 'itemsPerSecond' },
  ]);
}

/** @throws InvalidInputError */
function readOptions(job: Job, spec: { type: string; options: unknown }): Record<string, unknown> {
  if (spec.type !== job.type) {
    const message = `must be of the job's own type, ${job.type}, not ${spec.type}`;
    throw new InvalidInputError(`The spec ${message}.`, [{ path: ['spec'], message, row: null, field: null }]);
  }
  const jobType = getJobType(job.type);
  const options = parseOptions(jobType, spec.options);
  assertSameStages(jobType, job, options);
  const unstorable = findUnstorable(options);
  if (!unstorable) return options;
  const { path, message } = unstorable;
  throw new InvalidInputError(`${path.join('.')} ${message}`, [
    { path: ['spec', job.type, ...path], message, row: null, field: path.join('.') },
  ]);
}

/** @throws InvalidInputError: a job goes through the same stages in all its runs. */
function assertSameStages(jobType: JobType, job: Job, options: Record<string, unknown>): void {
  const list = (of: Record<string, unknown>) =>
    stagesToRun(jobType, { options: of, isDryRun: false }).map(({ name, kind }) => `${name} (${kind})`);
  const [before, after] = [list(job.options), list(options)].map((stages) => stages.join(', '));
  if (before === after) return;
  const message = `must leave the stages as they are: ${before}`;
  throw new InvalidInputError(`The spec ${message}.`, [{ path: ['spec', job.type], message, row: null, field: null }]);
}

/** @throws ConflictError: what a job has not come to cannot be selected, and one run has one set of options. */
function assertPlain(job: Job, stage: string, { request, spec }: RetryCommand): void {
  if (request.kind === 'ALL_FAILURES' && !spec) return;
  throw new ConflictError(
    `Job ${job.id} broke off in its stage ${stage}: retry it without a selection and options, and it goes on where it stopped.`,
    { state: job.state, allowedActions: ['RETRY'] },
  );
}

interface Redrive {
  by: Caller;
  options: Record<string, unknown>;
  itemsPerSecond: number | null;
  request: RedriveRequest;
}

/** Begins the next generation, and answers it. */
async function redrive(
  client: PoolClient,
  job: Job,
  { by, options, itemsPerSecond, request }: Redrive,
): Promise<number> {
  const countsBefore = await readItemCounts(client, job.id);
  const generation = job.generation + 1;
  const { selection, selected } = await freeze(client, { job, generation, request });
  await insertGeneration(client, { ...firstRun(job), generation: job.generation });
  const at = new Date();
  const row = { jobId: job.id, generation, by, at, selection, selected, options, itemsPerSecond, countsBefore };
  await insertGeneration(client, row);
  await restartStages(client, { id: job.id, failed: selected });
  await appendJobEvent(client, job.id, 'JobRedriven', { generation, selected, by: by.name });
  return generation;
}

interface Frozen {
  selection: RedriveSelection;
  /** Items that run again. */
  selected: number;
}

/** Works out what is meant by a request, once: while the job is not ended none of it changes, and then it belongs to a later run. */
async function freeze(
  client: PoolClient,
  { job, generation, request }: { job: Job; generation: number; request: RedriveRequest },
): Promise<Frozen> {
  switch (request.kind) {
    case 'ALL_FAILURES':
      return { selection: request, selected: job.failed };
    case 'FINGERPRINT': {
      const selected = await countFailureGroup(client, job.id, request.fingerprint);
      if (selected > 0) return { selection: request, selected };
      throw new NotFoundError(`Job ${job.id} has no failed items of the group ${JSON.stringify(request.fingerprint)}.`);
    }
    case 'ITEMS': {
      const indexes = chooseItems(request.indexes, await findFailedItems(client, job.id, request.indexes));
      return { selection: { kind: 'ITEMS', indexes }, selected: indexes.length };
    }
    case 'CHUNKS': {
      const chunks = chooseChunks(request.chunks, await findFailedChunks(client, job.id, request.chunks));
      await markRetriedChunks(client, { jobId: job.id, generation, chunks });
      const selected = chunks.reduce((sum, { failedItems }) => sum + failedItems, 0);
      return { selection: { kind: 'CHUNKS' }, selected };
    }
  }
}
