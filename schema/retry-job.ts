import { ConflictError, InvalidInputError, LimitExceededError, NotFoundError } from '../src/domain/errors.ts';
import type { RedriveRequest } from '../src/domain/redrive.ts';
import type { ChunkRef } from '../src/domain/activities.ts';
import type { Job } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { JobSpecInput, readSpec } from './derive/registry-types.ts';
import { findItemIndex, getChunkRef, getUuid } from './global-id.ts';
import { invalid } from './invalid.ts';
import { JobNode } from './job-node.ts';

const RetrySelectionInput = builder.inputType('RetrySelectionInput', {
  description: 'Which failed items run again; the others keep their results.',
  isOneOf: true,
  fields: (t) => ({
    fingerprint: t.string({ required: false, description: 'Those of one failure group: `FailureGroup.fingerprint`.' }),
    itemIds: t.idList({ required: false, description: 'These items of the job, at most 1,000, by `Item.id`.' }),
    itemIndexes: t.field({
      type: ['BigInt'],
      required: false,
      description: 'These items of the job, at most 1,000, by `Item.index`.',
    }),
    failedChunks: t.boolean({
      required: false,
      description: 'True: those of chunks that were given up, as `retryChunks` does for all of them.',
    }),
  }),
});

const RetryJobInput = builder.inputType('RetryJobInput', {
  description: 'What `retryJob` runs again, and how.',
  fields: (t) => ({
    jobId: t.id({ required: true, description: 'The `id` of the job, global or plain.' }),
    selection: t.field({
      type: RetrySelectionInput,
      description:
        'Which failed items; all of them when left out. Not for a job that broke off: it goes on where it stopped.',
    }),
    spec: t.field({
      type: JobSpecInput,
      description: 'Its job type with other options, whole, for this run and those after it; as before when left out.',
    }),
    itemsPerSecond: t.float({
      description:
        'Most items that begin a stage in a second, from 0.01 to 100,000, for this run and those after it; as before when left out.',
    }),
  }),
});

const RetryJobPayload = builder.objectRef<{ job: Job }>('RetryJobPayload').implement({
  description: '`retryJob` was accepted.',
  fields: (t) => ({ job: t.expose('job', { type: JobNode, description: 'The job after it.' }) }),
});

const errors = [NotFoundError, ConflictError, InvalidInputError, LimitExceededError];

builder.mutationField('retryJob', (t) =>
  t.field({
    type: RetryJobPayload,
    access: 'CONTROL',
    description:
      'Runs failed items of an ended job again, as its next generation; items that succeeded never run twice. What runs again is settled at once.',
    errors: { types: errors, union: { description: 'What became of `retryJob`.' } },
    args: { input: t.arg({ type: RetryJobInput, required: true, description: 'The job.' }) },
    resolve: async (_, { input }, { services, viewer }) => {
      const jobId = getUuid('Job', input.jobId);
      const request = input.selection ? readSelection(jobId, input.selection) : ({ kind: 'ALL_FAILURES' } as const);
      const spec = input.spec ? readSpec(input.spec) : null;
      return {
        job: await services.jobs.retryJob(viewer, jobId, {
          request,
          spec,
          itemsPerSecond: input.itemsPerSecond ?? null,
        }),
      };
    },
  }),
);

const RetryChunksInput = builder.inputType('RetryChunksInput', {
  description: 'Which chunks `retryChunks` is about.',
  fields: (t) => ({
    jobId: t.id({ required: true, description: 'The `id` of their job, global or plain.' }),
    chunkIds: t.idList({
      required: false,
      description: 'Failed chunks of the job, at most 1,000; all that have retries left when left out.',
    }),
  }),
});

const RetryChunksPayload = builder.objectRef<{ job: Job }>('RetryChunksPayload').implement({
  description: '`retryChunks` was accepted.',
  fields: (t) => ({ job: t.expose('job', { type: JobNode, description: 'The job after it.' }) }),
});

builder.mutationField('retryChunks', (t) =>
  t.field({
    type: RetryChunksPayload,
    access: 'CONTROL',
    description:
      'Runs what failed in chunks of an ended job again, each chunk at most 3 times; `Chunk.retries` counts them.',
    errors: { types: errors, union: { description: 'What became of `retryChunks`.' } },
    args: { input: t.arg({ type: RetryChunksInput, required: true, description: 'The chunks.' }) },
    resolve: async (_, { input }, { services, viewer }) => {
      const jobId = getUuid('Job', input.jobId);
      const chunks = input.chunkIds?.map((id) => ofJob(jobId, getChunkRef(id))) ?? null;
      const command = { request: { kind: 'CHUNKS' as const, chunks }, spec: null, itemsPerSecond: null };
      return { job: await services.jobs.retryJob(viewer, jobId, command) };
    },
  }),
);

function readSelection(jobId: string, selection: typeof RetrySelectionInput.$inferInput): RedriveRequest {
  const { fingerprint, itemIds, itemIndexes, failedChunks } = selection;
  if (typeof fingerprint === 'string') return { kind: 'FINGERPRINT', fingerprint };
  if (itemIndexes) return { kind: 'ITEMS', indexes: itemIndexes.map(Number) };
  if (itemIds) return { kind: 'ITEMS', indexes: itemIds.map((id, position) => readItemId(jobId, id, position)) };
  if (failedChunks) return { kind: 'CHUNKS', chunks: null };
  throw invalid(
    ['selection', 'failedChunks'],
    'failedChunks can only be true: leave the selection out for all failures.',
  );
}

function readItemId(jobId: string, id: string, position: number): number {
  const index = findItemIndex(jobId, id);
  if (index !== null) return index;
  throw invalid(
    ['selection', 'itemIds', String(position)],
    `${JSON.stringify(id.slice(0, 100))} is no item of the job.`,
  );
}

/** @throws NotFoundError for a chunk of another job */
function ofJob(jobId: string, chunk: ChunkRef): ChunkRef {
  if (chunk.jobId === jobId) return chunk;
  throw new NotFoundError('One of the chunks belongs to another job.');
}
