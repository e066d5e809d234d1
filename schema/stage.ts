import { stagePercent } from '../src/domain/progress.ts';
import type { Stage } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { StageKindEnum, StageStateEnum } from './enums.ts';

export const StageType = builder.objectRef<Stage>('Stage').implement({
  description: 'One step of a job, over its items or once.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the stage, unique in its job type.' }),
    kind: t.expose('kind', { type: StageKindEnum, description: 'How the stage works.' }),
    isExternal: t.exposeBoolean('external', {
      description: 'True when it is run from outside: by `startStage`, or by `claimChunk` over items.',
    }),
    position: t.exposeInt('position', { description: 'Place among the stages of the job, from 0.' }),
    state: t.expose('state', { type: StageStateEnum, description: 'Where the stage stands.' }),
    generation: t.exposeInt('generation', {
      description: 'The run that the figures are of: 0 is the first, 1 and up are redrives.',
    }),
    total: t.field({
      type: 'BigInt',
      description: 'Items of the stage; while the length of the source is not known, those read so far.',
      resolve: (stage) => stage.total ?? stage.completed,
    }),
    completed: t.expose('completed', {
      type: 'BigInt',
      description: 'Items that the stage is done with, failed ones included.',
    }),
    failed: t.expose('failed', { type: 'BigInt', description: 'Items that failed in the stage.' }),
    percent: t.float({
      description: 'Share of its items that the stage is done with, rounded down; 100 only when it is COMPLETED.',
      resolve: (stage) => stagePercent({ ...stage, total: stage.total ?? null }),
    }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it began; null before that.',
    }),
    completedAt: t.expose('completedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was over; null before that.',
    }),
    retryAt: t.expose('retryAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it may be started again after it failed outside; null otherwise.',
    }),
    metadata: t.expose('metadata', { type: 'JSON', description: 'What the stage noted along the way.' }),
    error: t.exposeString('error', { nullable: true, description: 'Why the stage is FAILED; null when it is not.' }),
  }),
});
