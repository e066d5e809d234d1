import {
  estimateBases,
  type Estimated,
  type EstimateBasis,
  type JobEstimate,
} from '../src/jobs/estimate/job-estimate.ts';
import { builder } from './builder.ts';
import { describedEnum } from './described-enum.ts';

const EstimateBasisEnum = describedEnum<EstimateBasis>(
  'EstimateBasis',
  'Where an estimate comes from.',
  estimateBases,
  {
    MEASURED: "Counted, or measured on the project's last jobs of the type whose options weigh the same.",
    SAMPLED: 'Guessed from some of the items, or from the lines of the file.',
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

export const JobEstimateType = builder.objectRef<JobEstimate>('JobEstimate').implement({
  description: 'What a job should take.',
  fields: (t) => ({
    items: t.expose('items', {
      type: EstimatedType,
      nullable: true,
      description: 'Its items; null when the source has to be read to know.',
    }),
    durationMs: t.expose('durationMs', {
      type: EstimatedType,
      nullable: true,
      description:
        'Milliseconds from now to its end, with its start, window and rates; without the wait for a place in line. Null when it is not known.',
    }),
    cost: t.expose('cost', {
      type: EstimatedCostType,
      nullable: true,
      description: 'What it should cost; null when its items cost nothing or are not counted.',
    }),
    storageBytes: t.expose('storageBytes', {
      type: EstimatedType,
      nullable: true,
      description: 'Bytes of the files that it should leave; null when it makes none, or nothing is known of them.',
    }),
    warnings: t.exposeStringList('warnings', {
      description: 'What speaks against the job as it is, one sentence each.',
    }),
  }),
});
