import { z } from 'zod';
import { ConflictError, InvalidInputError, NotFoundError } from '../src/domain/errors.ts';
import { finalItemStates, type FinalItemState } from '../src/domain/item-counts.ts';
import { leaseSeconds } from '../src/domain/outside-work.ts';
import type { WorkItem } from '../src/job-types/define-job-type.ts';
import type { ChunkClaim, Heartbeat } from '../src/jobs/outside/chunk-work.ts';
import type { OutsideResult } from '../src/jobs/outside/outside-result.ts';
import type { Chunk } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { ChunkNode } from './chunk.ts';
import { describedEnum } from './described-enum.ts';
import { getChunkRef, getUuid } from './global-id.ts';
import { JobNode } from './job-node.ts';
import { readText } from './read-input.ts';

const ClaimedItem = builder.objectRef<WorkItem<unknown>>('ClaimedItem').implement({
  description: 'An item to work on.',
  fields: (t) => ({
    index: t.expose('index', { type: 'BigInt', description: 'Place in the source, from 0: its result names it.' }),
    key: t.exposeString('key', { description: "The item's own name, or its index when it has none." }),
    input: t.expose('input', { type: 'JSON', description: 'The item, as the schema of its job type has it.' }),
  }),
});

const ChunkClaimType = builder.objectRef<ChunkClaim>('ChunkClaim').implement({
  description: 'A chunk that is yours until the lease runs out.',
  fields: (t) => ({
    chunk: t.expose('chunk', { type: ChunkNode, description: 'The chunk.' }),
    job: t.expose('job', { type: JobNode, description: 'Its job.' }),
    stage: t.exposeString('stage', { description: 'Name of the stage.' }),
    attempt: t.exposeInt('attempt', { description: 'Names your claim: send it with all that you say of the chunk.' }),
    items: t.field({
      type: [ClaimedItem],
      description: 'What is to be done, in order.',
      resolve: ({ items }) => items,
    }),
    leaseUntil: t.expose('leaseUntil', {
      type: 'DateTime',
      description: 'When the chunk is given to another, unless `heartbeatChunk` comes before.',
    }),
  }),
});

const leaseField = {
  required: true,
  defaultValue: leaseSeconds.default,
  description: `Seconds that you may be silent: ${leaseSeconds.min} to ${leaseSeconds.max}.`,
} as const;

const ClaimChunkInput = builder.inputType('ClaimChunkInput', {
  description: 'What `claimChunk` looks for.',
  fields: (t) => ({
    workerId: t.string({ required: true, description: 'What you call yourself, for people: `Chunk.taskId`.' }),
    jobId: t.id({ description: 'Only chunks of this job; of any when left out.' }),
    stages: t.stringList({ description: 'Only chunks of stages of these names; of any when left out.' }),
    leaseSeconds: t.int(leaseField),
  }),
});

const ClaimChunkPayload = builder.objectRef<{ claim: ChunkClaim | null }>('ClaimChunkPayload').implement({
  description: 'What `claimChunk` found.',
  fields: (t) => ({
    claim: t.expose('claim', {
      type: ChunkClaimType,
      nullable: true,
      description: 'The chunk; null when nothing waits: ask again in a second or more.',
    }),
  }),
});

builder.mutationField('claimChunk', (t) =>
  t.field({
    type: ClaimChunkPayload,
    access: 'CONTROL',
    description: 'Takes the next chunk of the stages that are run from outside, the highest priority first.',
    errors: { types: [NotFoundError, InvalidInputError], union: { description: 'What became of `claimChunk`.' } },
    args: { input: t.arg({ type: ClaimChunkInput, required: true, description: 'What to look for.' }) },
    resolve: async (_, { input }, { services, viewer }) => ({
      claim: await services.outside.claimChunk(viewer, {
        workerId: readText('workerId', input.workerId).slice(0, 200),
        jobId: typeof input.jobId === 'string' ? getUuid('Job', input.jobId) : null,
        stages: input.stages ?? null,
        leaseSeconds: input.leaseSeconds,
      }),
    }),
  }),
);

const held = { types: [NotFoundError, ConflictError, InvalidInputError] };
const chunkIdField = { required: true, description: 'The `id` of the chunk.' } as const;
const attemptField = { required: true, description: 'The `attempt` of your claim.' } as const;

const HeartbeatChunkInput = builder.inputType('HeartbeatChunkInput', {
  description: 'Who is still at which chunk.',
  fields: (t) => ({
    chunkId: t.id(chunkIdField),
    attempt: t.int(attemptField),
    leaseSeconds: t.int(leaseField),
  }),
});

const HeartbeatChunkPayload = builder.objectRef<Heartbeat>('HeartbeatChunkPayload').implement({
  description: 'The chunk is still yours.',
  fields: (t) => ({
    leaseUntil: t.expose('leaseUntil', { type: 'DateTime', description: 'When it is given to another.' }),
    isStopping: t.exposeBoolean('isStopping', {
      description:
        'True when the job is pausing: the lease stays as it is; complete the chunk within it, or hand it back by `failChunk`.',
    }),
  }),
});

builder.mutationField('heartbeatChunk', (t) =>
  t.field({
    type: HeartbeatChunkPayload,
    access: 'CONTROL',
    description: 'Says that you are still at a chunk: the lease begins anew.',
    errors: { ...held, union: { description: 'What became of `heartbeatChunk`.' } },
    args: { input: t.arg({ type: HeartbeatChunkInput, required: true, description: 'The chunk.' }) },
    resolve: (_, { input: { chunkId, ...rest } }, { services, viewer }) =>
      services.outside.heartbeatChunk(viewer, { chunk: getChunkRef(chunkId), ...rest }),
  }),
);

const ItemOutcomeEnum = describedEnum<FinalItemState>('ItemOutcome', 'How an item ended.', finalItemStates, {
  SUCCEEDED: 'It is done; in a stage that is not the last, it goes on.',
  FAILED: 'It ended with an error.',
  SKIPPED: 'It needed no work.',
});

const ItemErrorInput = builder.inputType('ItemErrorInput', {
  description: 'Why an item failed.',
  fields: (t) => ({
    code: t.string({ required: true, description: 'What kind of error it is, for programs: in capitals, stable.' }),
    message: t.string({ required: true, description: 'What was expected and what came, for people.' }),
    field: t.string({ description: 'Field of the item that it is about.' }),
  }),
});

const ItemResultInput = builder.inputType('ItemResultInput', {
  description: 'What became of one item.',
  fields: (t) => ({
    index: t.field({ type: 'BigInt', required: true, description: 'The `index` of the item.' }),
    state: t.field({ type: ItemOutcomeEnum, required: true, description: 'How it ended.' }),
    output: t.field({ type: 'JSON', description: 'What came out, as the job type has it; none of a failed item.' }),
    error: t.field({ type: ItemErrorInput, description: 'Why it failed; for a FAILED item, and only there.' }),
    durationMs: t.int({ required: true, defaultValue: 0, description: 'Milliseconds that it took.' }),
  }),
});

const CompleteChunkInput = builder.inputType('CompleteChunkInput', {
  description: 'What came of a chunk.',
  fields: (t) => ({
    chunkId: t.id(chunkIdField),
    attempt: t.int(attemptField),
    results: t.field({ type: [ItemResultInput], required: true, description: 'One for each item of the claim.' }),
  }),
});

const CompleteChunkPayload = builder.objectRef<{ chunk: Chunk }>('CompleteChunkPayload').implement({
  description: 'The results are stored.',
  fields: (t) => ({ chunk: t.expose('chunk', { type: ChunkNode, description: 'The chunk after it.' }) }),
});

builder.mutationField('completeChunk', (t) =>
  t.field({
    type: CompleteChunkPayload,
    access: 'CONTROL',
    description: 'Stores the results of a chunk, all or none; late ones are refused. It may be repeated.',
    errors: { ...held, union: { description: 'What became of `completeChunk`.' } },
    args: { input: t.arg({ type: CompleteChunkInput, required: true, description: 'The results.' }) },
    resolve: async (_, { input: { chunkId, attempt, results } }, { services, viewer }) => ({
      chunk: await services.outside.completeChunk(viewer, {
        chunk: getChunkRef(chunkId),
        attempt,
        results: results.map(readResult),
      }),
    }),
  }),
);

const FailChunkInput = builder.inputType('FailChunkInput', {
  description: 'Why a chunk could not be run.',
  fields: (t) => ({
    chunkId: t.id(chunkIdField),
    attempt: t.int(attemptField),
    message: t.string({ required: true, description: 'What went wrong, for people.' }),
    retryable: t.boolean({
      required: true,
      defaultValue: true,
      description: 'True hands it back for another attempt, of three; false, or the third, fails its items.',
    }),
  }),
});

const FailChunkPayload = builder.objectRef<{ chunk: Chunk }>('FailChunkPayload').implement({
  description: 'The chunk waits again, or is given up.',
  fields: (t) => ({ chunk: t.expose('chunk', { type: ChunkNode, description: 'The chunk after it.' }) }),
});

builder.mutationField('failChunk', (t) =>
  t.field({
    type: FailChunkPayload,
    access: 'CONTROL',
    description: 'Gives a chunk back that could not be run.',
    errors: { ...held, union: { description: 'What became of `failChunk`.' } },
    args: { input: t.arg({ type: FailChunkInput, required: true, description: 'The chunk.' }) },
    resolve: async (_, { input: { chunkId, message, ...rest } }, { services, viewer }) => ({
      chunk: await services.outside.failChunk(viewer, {
        chunk: getChunkRef(chunkId),
        message: readText('message', message),
        ...rest,
      }),
    }),
  }),
);

function readResult(result: typeof ItemResultInput.$inferInput): OutsideResult {
  const { index, state, output, error, durationMs } = result;
  return {
    index: Number(index),
    state,
    output: output ?? null,
    error: error ? { ...error, field: error.field ?? null } : null,
    durationMs: z.number().min(0).catch(0).parse(durationMs),
  };
}
