import type { JobType } from '../src/job-types/define-job-type.ts';
import { jobTypes } from '../src/job-types/registry.ts';
import { ingestStageName, type StageKind } from '../src/domain/stage-plan.ts';
import { builder } from './builder.ts';
import { toJsonSchema } from './derive/json-schema.ts';
import { JobTypeNameEnum } from './derive/registry-types.ts';
import { StageKindEnum } from './enums.ts';

const JobTypeStage = builder.objectRef<{ name: string; kind: StageKind }>('JobTypeStage').implement({
  description: 'A stage that every job of the type goes through.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name of the stage.' }),
    kind: t.expose('kind', { type: StageKindEnum, description: 'How the stage works.' }),
  }),
});

const JobTypeType = builder.objectRef<JobType>('JobType').implement({
  description: 'A kind of job: what its items and options are and which stages it goes through.',
  fields: (t) => ({
    name: t.expose('name', { type: JobTypeNameEnum, description: 'Name of the job type.' }),
    specName: t.exposeString('name', { description: 'Its member of `JobSpecInput`.' }),
    title: t.exposeString('title', { description: 'What people call it.' }),
    description: t.exposeString('description', { description: 'What it does.' }),
    stages: t.field({
      type: [JobTypeStage],
      description: 'Its stages, in their order.',
      resolve: ({ stages }) => [{ name: ingestStageName, kind: 'INGEST' as const }, ...stages],
    }),
    optionsSchema: t.field({
      type: 'JSON',
      description: 'JSON Schema of its options.',
      resolve: ({ options }) => toJsonSchema(options),
    }),
    itemSchema: t.field({
      type: 'JSON',
      description: 'JSON Schema of an item.',
      resolve: ({ item }) => toJsonSchema(item),
    }),
    example: t.field({
      type: 'JSON',
      description: 'Options and items of a small job that works.',
      resolve: ({ example }) => example,
    }),
  }),
});

builder.queryField('jobTypes', (t) =>
  t.field({
    type: [JobTypeType],
    access: 'READ',
    description: 'Every job type that there is.',
    resolve: () => jobTypes,
  }),
);
