import { z } from 'zod';
import type { Chunk, ChunkPosition } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { fromCursor, toCursor } from './cursor.ts';
import { ChunkStateEnum } from './enums.ts';
import { chunkLocalId, toGlobalId } from './global-id.ts';
import { loadStages } from './loaders.ts';

export const ChunkNode = builder.objectRef<Chunk>('Chunk').implement({
  description: 'A range of items that one worker runs.',
  access: 'FOLLOW',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({
      description: 'Identifies the chunk among everything in Longhaul.',
      resolve: (chunk) => toGlobalId('Chunk', chunkLocalId(chunk)),
    }),
    stage: t.string({
      description: 'Name of the stage.',
      resolve: async (chunk, _, context) => {
        const stages = await loadStages(chunk.jobId, context);
        return stages.find((stage) => stage.position === chunk.stage)?.name ?? String(chunk.stage);
      },
    }),
    index: t.exposeInt('index', { description: 'Place among the chunks of its stage and generation, from 0.' }),
    generation: t.exposeInt('generation', {
      description: 'The run that it belongs to: 0 is the first, 1 and up are redrives.',
    }),
    firstItem: t.expose('firstItem', { type: 'BigInt', description: 'Index of its first item.' }),
    lastItem: t.expose('lastItem', { type: 'BigInt', description: 'Index of its last item.' }),
    state: t.expose('state', { type: ChunkStateEnum, description: 'Where the chunk stands.' }),
    priority: t.exposeInt('priority', { description: 'Its turn among the chunks of the job: 0 to 10.' }),
    attempts: t.exposeInt('attempt', { description: 'How often a worker has taken it up.' }),
    retries: t.exposeInt('retries', {
      description: 'How often its items were retried as a chunk before they came into this one; 3 is the most.',
    }),
    retriedAs: t.exposeInt('retriedAs', {
      nullable: true,
      description: 'The generation in which what failed in it runs again, by `retryChunks`; null before that.',
    }),
    taskId: t.exposeString('taskId', {
      nullable: true,
      description: 'The task in Temporal that took it up last; null before the first.',
    }),
    error: t.exposeString('error', { nullable: true, description: 'Why it was given up; null when it was not.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', nullable: true, description: 'When it was first taken up.' }),
    completedAt: t.expose('completedAt', { type: 'DateTime', nullable: true, description: 'When it was over.' }),
  }),
});

export const ChunkConnection = builder.connectionObject(
  { name: 'ChunkConnection', type: ChunkNode, description: 'A page of chunks.' },
  { name: 'ChunkEdge', description: 'A chunk in a page.' },
);

export const ChunkFilterInput = builder.inputType('ChunkFilterInput', {
  description: 'Which chunks; what is left out lets all through.',
  fields: (t) => ({
    states: t.field({ type: [ChunkStateEnum], description: 'Chunks in one of these states.' }),
    stage: t.string({ description: 'Chunks of the stage of this name.' }),
    generation: t.int({ description: 'Chunks of this generation.' }),
  }),
});

const cursorShape = z.tuple([z.number().int(), z.number().int(), z.number().int()]);

/** Where a chunk stands among those of its job. */
export function toChunkCursor(chunk: Chunk): string {
  return toCursor([chunk.stage, chunk.generation, chunk.index]);
}

/** @throws GraphQLError for a cursor that is none of a chunk. */
export function fromChunkCursor(cursor: string): ChunkPosition {
  const [stage, generation, index] = fromCursor(cursor, cursorShape);
  return { stage, generation, index };
}
