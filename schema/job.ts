import { AggregatesNotReadyError } from '../src/domain/errors.ts';
import { allowedActions, isTerminal } from '../src/domain/job-state.ts';
import { progressMessage } from '../src/domain/progress-message.ts';
import type { Job } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { CallerType } from './caller.ts';
import { ChunkConnection, ChunkFilterInput, fromChunkCursor, toChunkCursor } from './chunk.ts';
import {
  allDerivedTypes,
  branded,
  getDerivedTypes,
  JobOptionsUnion,
  JobTypeNameEnum,
  typenameOf,
} from './derive/registry-types.ts';
import { JobActionEnum, JobStateEnum, PauseReasonEnum, PriorityEnum, ValidationLevelEnum } from './enums.ts';
import type { Context } from './context.ts';
import { ExportNode } from './export-node.ts';
import { FailureGroupConnection, fromFailureCursor, toFailureCursor } from './failure-group.ts';
import { GuardRailsType } from './guard-rails.ts';
import { fromItemCursor, ItemConnection, ItemFilterInput, toItemCursor } from './item.ts';
import { advisePolling, describeNextSteps, describeTips } from './job-advice.ts';
import { fromEventCursor, JobEventConnection, toEventCursor } from './job-event.ts';
import { jobGlobalId, JobNode } from './job-node.ts';
import { JobQueue } from './job-queue.ts';
import { loadChunkCounts, loadExports, loadGuardRails, loadPlace, loadRunningItems, loadStages } from './loaders.ts';
import { pageArgs, toConnection, toPageRequest } from './paging.ts';
import { ChunkProgress, JobProgress, loadProgress, noChunks } from './progress.ts';
import { RunningItemType } from './running-item.ts';
import { StageType } from './stage.ts';

type Problem = NonNullable<Job['problems']>[number];

const JobProblem = builder.objectRef<Problem>('JobProblem').implement({
  description: 'A problem in the source of a job that STRICT validation refused.',
  fields: (t) => ({
    row: t.expose('row', {
      type: 'BigInt',
      nullable: true,
      description: 'Data row of the source, from 1; null when it is in no row.',
    }),
    field: t.exposeString('field', { nullable: true, description: 'Field of the item; null when it is in none.' }),
    message: t.exposeString('message', { description: 'What was expected and what came.' }),
  }),
});

const JobAggregatesResult = builder.errorUnion('JobAggregatesResult', {
  description: 'Totals of a job: one type for each job type, or the reason why there are none yet.',
  types: [...allDerivedTypes.map(({ aggregates }) => aggregates), AggregatesNotReadyError],
  omitDefaultTypes: true,
  resolveType: typenameOf,
});

JobNode.implement({
  description: 'One bulk operation over many items.',
  access: 'FOLLOW',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ description: 'Identifies the job among everything in Longhaul.', resolve: ({ id }) => jobGlobalId(id) }),
    key: t.exposeString('key', { nullable: true, description: 'The idempotency key that it was submitted under.' }),
    title: t.exposeString('title', { description: 'What its owner calls it.' }),
    type: t.expose('type', { type: JobTypeNameEnum, description: 'What kind of job it is.' }),
    state: t.expose('state', { type: JobStateEnum, description: 'Where the job stands.' }),
    pauseReason: t.expose('pauseReason', {
      type: PauseReasonEnum,
      nullable: true,
      description: 'Why it is paused; null when it is not.',
    }),
    priority: t.expose('priority', { type: PriorityEnum, description: 'How urgent it is.' }),
    chunkPriority: t.exposeInt('chunkPriority', { description: 'Turn of its chunks: 0 to 10.' }),
    validation: t.expose('validation', {
      type: ValidationLevelEnum,
      description: 'What happens to items that do not fit.',
    }),
    options: t.field({
      type: JobOptionsUnion,
      description: 'Its options, with the defaults filled in.',
      resolve: ({ type, options }) => {
        const { names, jobType } = getDerivedTypes(type);
        const parsed = jobType.options.safeParse(options);
        return branded(parsed.success ? parsed.data : options, names.options);
      },
    }),
    metadata: t.expose('metadata', { type: 'JSON', description: 'What its owner stored with it.' }),
    lockKey: t.exposeString('lockKey', {
      nullable: true,
      description: 'The field of its items whose value no two chunks that run share; null when they may.',
    }),
    estimatedMinutes: t.exposeInt('estimatedMinutes', { nullable: true, description: "Its owner's own estimate." }),
    message: t.string({
      description: 'Where it stands, in a sentence for people.',
      resolve: async (job, _, context) => {
        // Side by side: each is one query for all jobs of a page.
        const [positioned, { stages }] = await Promise.all([withPosition(job, context), loadProgress(job, context)]);
        return progressMessage(positioned, stages);
      },
    }),
    queue: t.field({
      type: JobQueue,
      nullable: true,
      description:
        'Its place in line while a limit holds it back; null when none does. Other jobs change it: ask again.',
      resolve: async (job, _, context) => (job.state === 'PENDING' ? await loadPlace(job.id, context) : null),
    }),
    error: t.exposeString('error', { nullable: true, description: 'Why it is FAILED; null when it is not.' }),
    problems: t.field({
      type: [JobProblem],
      description: 'The first 100 problems of a source that STRICT validation refused; otherwise empty.',
      resolve: ({ problems }) => problems ?? [],
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was submitted.' }),
    createdBy: t.expose('createdBy', {
      type: CallerType,
      nullable: true,
      description: 'Who submitted it; null for a job from before this was kept.',
    }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it began to run; null before that.',
    }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it changed last.' }),
    completedAt: t.expose('completedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null before that.',
    }),
    deletedAt: t.expose('deletedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When it was deleted: `jobsChanged` tells of it a last time. Null otherwise, since no other field finds it then.',
    }),
    itemsDeletedAt: t.expose('itemsDeletedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When its items and results were deleted, as the retention of the project says: `items` and `failures` are empty since then. Null while they are there.',
    }),
    deadlineAt: t.expose('deadlineAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it must have ended; null when it has no deadline.',
    }),
    guardRails: t.field({
      type: GuardRailsType,
      nullable: true,
      description:
        'What holds it within bounds, and what it has cost; null when it has no guard rails and costs nothing.',
      resolve: async (job, _, context) => {
        const rails = await loadGuardRails(job.id, context);
        return rails && { job, rails };
      },
    }),
    generation: t.exposeInt('generation', {
      description: 'The run that it is in: 0 is the first, 1 and up are redrives.',
    }),
    lastSequence: t.expose('lastSequence', { type: 'BigInt', description: 'Number of its newest journal entry.' }),
    progress: t.field({
      type: JobProgress,
      description: 'How far it is.',
      resolve: (job, _, context) => loadProgress(job, context),
    }),
    stages: t.field({
      type: [StageType],
      description: 'Its stages, in their order.',
      resolve: (job, _, context) => loadStages(job.id, context),
    }),
    chunkProgress: t.field({
      type: ChunkProgress,
      description: 'How far the chunks of its newest stage are.',
      resolve: async (job, _, context) => (await loadChunkCounts(job.id, context)) ?? noChunks,
    }),
    chunks: t.field({
      type: ChunkConnection,
      description: 'Its chunks by stage, generation and index.',
      args: { filter: t.arg({ type: ChunkFilterInput, description: 'Which chunks; all by default.' }), ...pageArgs },
      resolve: async (job, { filter, ...page }, context) => {
        const stages = filter?.stage ? await loadStages(job.id, context) : [];
        // No stage has the position -1.
        const stage = filter?.stage ? (stages.find(({ name }) => name === filter.stage)?.position ?? -1) : null;
        const query = { states: filter?.states ?? null, stage, generation: filter?.generation ?? null };
        return toConnection(
          await context.services.reads.listChunks(job, query, toPageRequest(page, fromChunkCursor)),
          toChunkCursor,
        );
      },
    }),
    items: t.field({
      type: ItemConnection,
      description: 'Its items in the order of the source; a page takes the same time at any depth.',
      args: { filter: t.arg({ type: ItemFilterInput, description: 'Which items; all by default.' }), ...pageArgs },
      resolve: async (job, { filter, ...page }, { services }) => {
        const query = {
          states: filter?.states ?? null,
          errorCode: filter?.errorCode ?? null,
          fingerprint: filter?.fingerprint ?? null,
        };
        return toConnection(
          await services.reads.listItems(job, query, toPageRequest(page, fromItemCursor)),
          toItemCursor,
        );
      },
    }),
    failures: t.field({
      type: FailureGroupConnection,
      description: 'Its failed items by error, the largest group first.',
      args: pageArgs,
      resolve: async (job, page, { services }) =>
        toConnection(await services.reads.listFailures(job, toPageRequest(page, fromFailureCursor)), toFailureCursor),
    }),
    events: t.field({
      type: JobEventConnection,
      description: 'Its journal, in order.',
      args: {
        afterSequence: t.arg({ type: 'BigInt', description: 'Only entries with a greater number.' }),
        ...pageArgs,
      },
      resolve: async (job, { afterSequence, ...page }, { services }) => {
        const request = toPageRequest(page, fromEventCursor);
        const after = request.after ?? (afterSequence ? Number(afterSequence) : null);
        return toConnection(await services.reads.listEvents(job, { ...request, after }), toEventCursor);
      },
    }),
    aggregates: t.field({
      type: JobAggregatesResult,
      description: 'Its totals, once it has ended.',
      resolve: ({ type, state, aggregates }) => {
        if (!aggregates || !isTerminal(state)) throw new AggregatesNotReadyError(state);
        return branded(aggregates, getDerivedTypes(type).names.aggregates);
      },
    }),
    runningItems: t.field({
      type: [RunningItemType],
      description:
        'Items that take long and that workers are at, by index; at most 100. Empty for job types of quick items.',
      resolve: async ({ id, type, state }, _, context) =>
        getDerivedTypes(type).jobType.makesFiles && !isTerminal(state) ? await loadRunningItems(id, context) : [],
    }),
    exports: t.field({
      type: [ExportNode],
      description: 'Files made from its results.',
      resolve: (job, _, context) => loadExports(job.id, context),
    }),
    allowedActions: t.field({
      type: [JobActionEnum],
      description: 'What can be asked of it now.',
      resolve: (job) => allowedActions(job),
    }),
    canRetry: t.boolean({
      description: 'True when `retryJob` is allowed now.',
      resolve: (job) => allowedActions(job).includes('RETRY'),
    }),
    nextSteps: t.stringList({
      description: 'What you can do now, one sentence each.',
      resolve: async (job, _, context) => describeNextSteps(await loadProgress(job, context)),
    }),
    tips: t.stringList({
      description: 'Advice for this job, one sentence each.',
      resolve: (job) => describeTips(job, null),
    }),
    pollAfterMs: t.int({
      nullable: true,
      description:
        'Milliseconds after which asking again pays, for clients that cannot subscribe; null when nothing changes by itself any more.',
      resolve: async (job, _, context) => advisePolling(await loadProgress(job, context)),
    }),
  }),
});

async function withPosition(job: Job, context: Context) {
  if (job.state !== 'PENDING') return job;
  const [place, rails] = await Promise.all([loadPlace(job.id, context), loadGuardRails(job.id, context)]);
  const startAt = rails?.startAt ?? null;
  return { ...job, position: place?.position ?? null, startAt: startAt && startAt > new Date() ? startAt : null };
}
