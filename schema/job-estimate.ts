import {
  estimateBases,
  type Estimated,
  type EstimateBasis,
  type EstimatedQueue,
  type JobEstimate,
} from '../src/jobs/estimate/job-estimate.ts';
import { builder } from './builder.ts';
import { describedEnum } from './described-enum.ts';
import { QueueLevelEnum } from './enums.ts';

const EstimateBasisEnum = describedEnum<EstimateBasis>(
  'EstimateBasis',
  'Where an estimate comes from.',
  estimateBases,
  {
    MEASURED:
      "Counted to the last one, or measured on the project's last jobs of the type whose options weigh the same.",
    SAMPLED:
      'Worked out from the beginning of the source: its first items, and the lines or bytes that they have of all.',
    DECLARED: 'From what the job type says of its speed.',
  },
);

const EstimatedType = builder.objectRef<Estimated>('Estimated').implement({
  description: 'A figure with the range that it should lie in.',
  fields: (t) => ({
    expected: t.expose('expected', { type: 'BigInt', description: 'What is most likely.' }),
    least: t.field({
      type: 'BigInt',
      description: 'The lower end of the range.',
      resolve: ({ least }) => Math.floor(least),
    }),
    most: t.field({
      type: 'BigInt',
      description: 'The upper end of the range.',
      resolve: ({ most }) => Math.ceil(most),
    }),
    basis: t.expose('basis', { type: EstimateBasisEnum, description: 'Where it comes from.' }),
  }),
});

const EstimatedCostType = builder.objectRef<NonNullable<JobEstimate['cost']>>('EstimatedCost').implement({
  description: 'What a job should cost when none of its items fails early.',
  fields: (t) => ({
    amount: t.expose('amount', { type: 'Decimal', description: 'The amount.' }),
    unit: t.exposeString('unit', { description: 'What it is counted in, as the job type says.' }),
    basis: t.expose('basis', { type: EstimateBasisEnum, description: 'Where the number of its items comes from.' }),
  }),
});

const EstimatedQueueType = builder.objectRef<EstimatedQueue>('EstimatedQueue').implement({
  description: 'The line that a job has to wait in because as many jobs run as may.',
  fields: (t) => ({
    position: t.exposeInt('position', {
      description: 'Its place among those that the same limit holds back, from 1: one less stand before it.',
    }),
    level: t.expose('level', { type: QueueLevelEnum, description: 'Which jobs the limit counts.' }),
    limit: t.exposeInt('limit', { description: 'How many of them run at a time.' }),
    waitMs: t.expose('waitMs', {
      type: 'BigInt',
      nullable: true,
      description:
        'Milliseconds until its turn, about, by the progress of the jobs that run. Null while none of them has got far enough to tell, and no job of the project has ended.',
    }),
  }),
});

export const JobEstimateType = builder.objectRef<JobEstimate>('JobEstimate').implement({
  description: 'What a job should take.',
  fields: (t) => ({
    items: t.expose('items', {
      type: EstimatedType,
      nullable: true,
      description:
        'Its items: MEASURED when they were counted, SAMPLED when their number follows from the beginning of a long source. Null when nothing tells, as of a URL whose server does not say how large the file is.',
    }),
    queue: t.expose('queue', {
      type: EstimatedQueueType,
      nullable: true,
      description:
        'The line that it has to wait in, or would; null when it starts at once, or later by its own `startAt`.',
    }),
    durationMs: t.expose('durationMs', {
      type: EstimatedType,
      nullable: true,
      description:
        'Milliseconds from now to its end. In it are the wait in line as far as that is known, its `startAt`, its window, and its rates; not the time in which people have to approve something. Null when the number of items or the end of its window is not known.',
    }),
    cost: t.expose('cost', {
      type: EstimatedCostType,
      nullable: true,
      description:
        'What it should cost; null when its items cost nothing, as in most dry runs, or when nothing tells how many there are.',
    }),
    storageBytes: t.expose('storageBytes', {
      type: EstimatedType,
      nullable: true,
      description:
        'Bytes of the files that it should leave; null when it makes none, or when nothing is known of them.',
    }),
    warnings: t.exposeStringList('warnings', {
      description: 'What speaks against the job as it is, one sentence each.',
    }),
  }),
});
