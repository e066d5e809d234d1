import { isTerminal } from '../src/domain/job-state.ts';
import { elapsedMs, etaMs, itemsPerSecond, percentDone, type StageProgress } from '../src/domain/progress.ts';
import type { ChunkCounts, ClosedProvider, Job } from '../src/jobs/reads/job-reads.ts';
import { toStageProgress } from '../src/jobs/reads/stage-progress.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { loadClosedProvider, loadStages } from './loaders.ts';

/** A job beside its stages, at one moment. */
export interface Progress {
  job: Job;
  stages: StageProgress[];
  now: Date;
}

/** A job with its stages, as of now: what its figures are reckoned from. */
export async function loadProgress(job: Job, context: Context): Promise<Progress> {
  return { job, stages: toStageProgress(job.type, await loadStages(job.id, context)), now: new Date() };
}

const RateLimited = builder.objectRef<ClosedProvider>('RateLimited').implement({
  description: 'An outside service that asked to wait; nothing is sent to it meanwhile, by any job of the project.',
  fields: (t) => ({
    provider: t.exposeString('provider', { description: 'Name of the service.' }),
    until: t.expose('until', { type: 'DateTime', description: 'When work goes on.' }),
    reason: t.exposeString('reason', { nullable: true, description: 'What it said, for people.' }),
  }),
});

export const JobProgress = builder.objectRef<Progress>('JobProgress').implement({
  description: 'How far a job is; pending + running + succeeded + failed + skipped + canceled = total at every read.',
  fields: (t) => ({
    percent: t.float({
      description: 'Share of all items that is done, weighted over the stages, rounded down; 100 only at the end.',
      resolve: ({ job, stages }) => percentDone(job, stages),
    }),
    total: t.field({
      type: 'BigInt',
      description: 'All items that were read so far.',
      resolve: ({ job }) => job.total,
    }),
    pending: t.field({
      type: 'BigInt',
      description: 'Items that wait for their turn.',
      resolve: ({ job }) => job.pending,
    }),
    running: t.field({
      type: 'BigInt',
      description: 'Items in chunks that are running.',
      resolve: ({ job }) => job.running,
    }),
    succeeded: t.field({ type: 'BigInt', description: 'Items that are done.', resolve: ({ job }) => job.succeeded }),
    failed: t.field({
      type: 'BigInt',
      description: 'Items that ended with an error.',
      resolve: ({ job }) => job.failed,
    }),
    skipped: t.field({ type: 'BigInt', description: 'Items that needed no work.', resolve: ({ job }) => job.skipped }),
    canceled: t.field({
      type: 'BigInt',
      description: 'Items that had not ended when the job was canceled.',
      resolve: ({ job }) => job.canceled,
    }),
    elapsedMs: t.field({
      type: 'BigInt',
      description: 'Milliseconds that the job has been running; pauses do not count.',
      resolve: ({ job, now }) => elapsedMs(job, now),
    }),
    etaMs: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Milliseconds to the end at the speed so far; null when that is not known.',
      resolve: ({ job, stages, now }) => etaMs(job, stages, now),
    }),
    itemsPerSecond: t.float({
      description: 'Mean speed since the items were read; an item that is part-way through its stages counts in part.',
      resolve: ({ job, stages, now }) => itemsPerSecond(job, stages, now),
    }),
    currentStage: t.string({
      nullable: true,
      description: 'Name of the stage that is at work; null before the first and after the last.',
      resolve: ({ job }) => (isTerminal(job.state) ? null : (job.currentStage ?? null)),
    }),
    rateLimited: t.field({
      type: RateLimited,
      nullable: true,
      description: 'The outside service that items of the job wait for; null when they wait for none.',
      resolve: async ({ job, stages }, _, context) => await loadClosedProvider(job, namesOfRunning(stages), context),
    }),
  }),
});

function namesOfRunning(stages: readonly StageProgress[]): string[] {
  return stages.filter(({ state }) => state === 'RUNNING').map(({ name }) => name);
}

export const noChunks: Omit<ChunkCounts, 'jobId'> = {
  total: 0,
  pending: 0,
  running: 0,
  completed: 0,
  failed: 0,
  canceled: 0,
};

export const ChunkProgress = builder.objectRef<Omit<ChunkCounts, 'jobId'>>('ChunkProgress').implement({
  description:
    'How far the chunks of the newest stage are: the furthest one over items that has begun, in the newest generation.',
  fields: (t) => ({
    total: t.exposeInt('total', { description: 'All chunks of the stage.' }),
    pending: t.exposeInt('pending', { description: 'Chunks that wait for their turn.' }),
    running: t.exposeInt('running', { description: 'Chunks that a worker is at.' }),
    completed: t.exposeInt('completed', { description: 'Chunks that are done.' }),
    failed: t.exposeInt('failed', { description: 'Chunks that were given up.' }),
    canceled: t.exposeInt('canceled', { description: 'Chunks that were not done when the job was canceled.' }),
    percent: t.float({
      description: 'Share of the chunks that is done or given up, with two decimals.',
      resolve: ({ total, completed, failed }) =>
        total === 0 ? 0 : Math.floor(((completed + failed) / total) * 10_000) / 100,
    }),
    isComplete: t.boolean({
      description: 'True when every chunk of the stage is done or given up.',
      resolve: ({ total, completed, failed }) => total > 0 && completed + failed === total,
    }),
  }),
});
