import type { GenerationView } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { CallerType } from './caller.ts';
import { ItemCountsType } from './counts.ts';
import { branded, getDerivedTypes, JobOptionsUnion } from './derive/registry-types.ts';
import { RedriveKindEnum } from './enums.ts';
import { JobNode } from './job-node.ts';

const JobGeneration = builder.objectRef<GenerationView>('JobGeneration').implement({
  description: 'One run of a job: the first one, or a redrive.',
  fields: (t) => ({
    generation: t.exposeInt('generation', { description: '0 is the first run, 1 and up are redrives.' }),
    by: t.expose('by', {
      type: CallerType,
      nullable: true,
      description: 'Who asked for it; null for a job from before this was kept.',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was asked for.' }),
    selection: t.field({
      type: RedriveKindEnum,
      nullable: true,
      description: 'How its items were chosen; null for the first run, which has all.',
      resolve: ({ selection }) => selection?.kind ?? null,
    }),
    fingerprint: t.string({
      nullable: true,
      description: 'The failure group that was chosen; null when none was.',
      resolve: ({ selection }) => (selection?.kind === 'FINGERPRINT' ? selection.fingerprint : null),
    }),
    itemIndexes: t.field({
      type: ['BigInt'],
      nullable: true,
      description: 'Indexes of the items that were chosen one by one; null when none were.',
      resolve: ({ selection }) => (selection?.kind === 'ITEMS' ? selection.indexes : null),
    }),
    selected: t.expose('selected', {
      type: 'BigInt',
      nullable: true,
      description: 'How many items ran again; null for the first run.',
    }),
    options: t.field({
      type: JobOptionsUnion,
      description: 'The options that it ran with.',
      resolve: ({ type, options }) => branded(options, getDerivedTypes(type).names.options),
    }),
    itemsPerSecond: t.float({
      nullable: true,
      description:
        'Most items that began a stage in a second, as the run began; null when the job had no rate of its own.',
      resolve: ({ itemsPerSecond }) => itemsPerSecond ?? null,
    }),
    countsBefore: t.expose('countsBefore', {
      type: ItemCountsType,
      nullable: true,
      description: 'Items of the job when it was asked for; null for the first run.',
    }),
    countsAfter: t.expose('countsAfter', {
      type: ItemCountsType,
      nullable: true,
      description: 'Items of the job at its end; null before that.',
    }),
  }),
});

builder.objectField(JobNode, 'generations', (t) =>
  t.field({
    type: [JobGeneration],
    description: 'Its runs, the first one first.',
    resolve: (job, _, { services }) => services.reads.listGenerations(job),
  }),
);
