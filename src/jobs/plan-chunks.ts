import type { Job } from '../database/entities/job.ts';
import type { Stage } from '../database/entities/stage.ts';
import { countOpenChunks } from '../database/sql/count-open-chunks.ts';
import { findChunksAtOnce } from '../database/sql/find-chunks-at-once.ts';
import { findOpenChunks } from '../database/sql/find-open-chunks.ts';
import { findOpenRuns } from '../database/sql/find-open-runs.ts';
import { findPartitions } from '../database/sql/find-partitions.ts';
import { readDueMs } from '../database/sql/read-due-ms.ts';
import { weighJob } from '../database/sql/weigh-job.ts';
import type { LaneStage, NextStep } from '../domain/activities.ts';
import { limitedWindow } from '../domain/bucket.ts';
import type { Priority } from '../domain/job.ts';
import { sizePartitions } from '../domain/partitions.ts';
import { findProvider } from '../job-types/find-provider.ts';
import { findWorker } from '../job-types/find-worker.ts';
import { isKeyed } from './is-keyed.ts';
import { endOf } from './lane.ts';
import type { Planning } from './planning.ts';
import { readClosedMs } from './read-closed-ms.ts';

const taskPriorities: Record<Priority, number> = { HIGH: 1, NORMAL: 3, LOW: 5 };
/** Of Postgres' integer. */
const maxIndex = 2 ** 31 - 1;

/** All open chunks of a lane: themselves, or as partitions where they are many. Null when there are none. */
export async function planChunks(planning: Planning, lane: Stage[]): Promise<NextStep | null> {
  const { client, job, plan } = planning;
  const { directChunks } = plan;
  const chunksOf = { jobId: job.id, stage: endOf(lane).position, generation: job.generation };
  const indexes = await findOpenChunks(client, { ...chunksOf, first: 0, last: maxIndex, limit: directChunks + 1 });
  if (indexes.length === 0) return null;
  if (lane.some(({ external }) => external) || indexes.length <= directChunks)
    return await toChunkStep(planning, lane, indexes);
  const closedMs = await readWaitMs(planning, lane);
  if (closedMs !== null) return { kind: 'WAIT', forMs: closedMs };
  const { window: lanes, ...turn } = await takeTurn(planning, lane);
  const sizes = sizePartitions(await countOpenChunks(client, chunksOf), lanes);
  const partitions = await findPartitions(client, { ...chunksOf, sizes });
  return { kind: 'PARTITIONS', ...beginOf(planning, lane), partitions, lanes, ...turn };
}

/** Where chunks of a lane begin, and what they go through when that is not one stage on any worker. */
function beginOf({ job }: Planning, lane: Stage[]) {
  const stages = lane.map(({ position, name }): LaneStage => ({ stage: position, worker: findWorker(job, name) }));
  const isPlain = stages.length === 1 && stages[0]?.worker === 'DEFAULT';
  return {
    stage: stages[0]?.stage ?? 0,
    generation: job.generation,
    ...(isPlain ? {} : { lane: stages }),
  };
}

/**
 * Milliseconds for which the service of a stage wants nothing. Null in a lane of several stages: there each chunk waits by itself, so that
 * others, which have come further, go on.
 */
async function readWaitMs({ client, job }: Planning, [stage, ...more]: Stage[]): Promise<number | null> {
  return stage && more.length === 0 ? await readClosedMs(client, job, [stage.name]) : null;
}

function lowestRate(job: Job, lane: Stage[]): number | null {
  const providers = lane.flatMap(({ name }) => findProvider(job, name) ?? []);
  const rates = [job.itemsPerSecond, ...providers.map(({ itemsPerSecond }) => itemsPerSecond)];
  const given = rates.filter((rate) => typeof rate === 'number');
  return given.length > 0 ? Math.min(...given) : null;
}

/** The step that runs chunks of a lane: or a wait, for workers outside or while a provider is closed. */
export async function toChunkStep(planning: Planning, lane: Stage[], indexes: number[]): Promise<NextStep> {
  // Workers outside take them; the one that ends the last wakes the job.
  if (lane.some(({ external }) => external)) return await waitOutside(planning);
  const closedMs = await readWaitMs(planning, lane);
  if (closedMs !== null) return { kind: 'WAIT', forMs: closedMs };
  const turn = await takeTurn(planning, lane);
  return { kind: 'CHUNKS', ...beginOf(planning, lane), ...(await inRuns(planning, lane, indexes)), ...turn };
}

/** Open chunks up to the last of these; those that hold one and the same lock key as runs. */
async function inRuns({ client, job }: Planning, lane: Stage[], indexes: number[]) {
  if (!isKeyed(job)) return { indexes };
  const at = { jobId: job.id, stage: endOf(lane).position, generation: job.generation };
  const found = await findOpenRuns(client, { ...at, last: indexes.at(-1) ?? -1 });
  const isSingle = ({ length }: number[]) => length === 1;
  return { indexes: found.filter(isSingle).flat(), runs: found.filter((run) => !isSingle(run)) };
}

/** How many chunks of the job may run at a time, and how they stand among those of others. */
async function takeTurn({ client, job, plan }: Planning, lane: Stage[]) {
  const limited = limitedWindow(plan.window, lowestRate(job, lane));
  return {
    window: Math.min(limited, (await findChunksAtOnce(client, job.id)) ?? limited),
    taskPriority: taskPriorities[job.priority],
    fairnessWeight: await weighJob(client, job.id),
  };
}

/** Somebody outside does what comes next and wakes the job; before that, only time may change it. */
export async function waitOutside({ client, job }: Planning): Promise<NextStep> {
  const dueMs = await readDueMs(client, job.id);
  return dueMs === null ? { kind: 'WAIT' } : { kind: 'WAIT', forMs: dueMs };
}
