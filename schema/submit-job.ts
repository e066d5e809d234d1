import { z } from 'zod';
import { ProviderError } from '../src/domain/errors.ts';
import type { SubmitJobCommand, SubmittedJob } from '../src/jobs/commands.ts';
import { JobEstimateType } from './job-estimate.ts';
import type { Context } from './context.ts';
import type { JobEstimate } from '../src/jobs/estimate/job-estimate.ts';
import { builder } from './builder.ts';
import { commandErrors } from './command-errors.ts';
import { JobSpecInput, readSpec } from './derive/registry-types.ts';
import { PriorityEnum, ValidationLevelEnum } from './enums.ts';
import { ExportRequestInput } from './export-request.ts';
import { describeNextSteps, describeTips } from './job-advice.ts';
import { guardRailFields, readGuardRails } from './guard-rail-inputs.ts';
import { JobNode } from './job-node.ts';
import { invalid } from './invalid.ts';
import { JobSourceInput, readSource } from './job-source.ts';
import { loadProgress } from './progress.ts';

const SubmitJobInput = builder.inputType('SubmitJobInput', {
  description: 'A job to run.',
  fields: (t) => ({
    title: t.string({ required: true, description: 'What you call the job, at most 200 characters.' }),
    spec: t.field({ type: JobSpecInput, required: true, description: 'What it does: the job type with its options.' }),
    source: t.field({ type: JobSourceInput, required: true, description: 'Where its items come from.' }),
    priority: t.field({ type: PriorityEnum, required: true, defaultValue: 'NORMAL', description: 'How urgent it is.' }),
    chunkPriority: t.int({ required: true, defaultValue: 5, description: 'Turn of its chunks: 0 to 10.' }),
    chunkSize: t.int({ description: 'Items in a chunk; chosen by the size of the job when left out.' }),
    validation: t.field({
      type: ValidationLevelEnum,
      required: true,
      defaultValue: 'MODERATE',
      description: 'What happens to items that do not fit the schema of the job type.',
    }),
    idempotencyKey: t.string({
      description: 'The same key with the same input gives the same job; your own id of the job can be the key.',
    }),
    metadata: t.field({ type: 'JSON', description: 'A JSON object to store with it.' }),
    lockKey: t.string({
      description:
        'A field of the items, like "account" or "customer.id": those with the same value never run at the same time in two chunks of the project. Null lifts the one that the job type has; left out, that holds.',
    }),
    estimatedMinutes: t.int({ description: 'Your own estimate, to compare with.' }),
    exports: t.field({ type: [ExportRequestInput], description: 'Files to write when it is complete.' }),
    ...guardRailFields(t),
  }),
});

const SubmitJobPayload = builder.objectRef<SubmittedJob>('SubmitJobPayload').implement({
  description: 'The job was accepted.',
  fields: (t) => ({
    job: t.expose('job', { type: JobNode, description: 'The job.' }),
    created: t.exposeBoolean('created', {
      description: 'False when the idempotency key named a job that was there already.',
    }),
    estimate: t.field({
      type: JobEstimateType,
      description:
        'What it should take, as `estimateJob` says it. Asking for it takes a look at the source, of 5 seconds at most.',
      resolve: async ({ estimate }) => await estimate(),
    }),
    estimatedDurationMs: t.field({
      type: 'BigInt',
      nullable: true,
      description:
        'Milliseconds from now to its end: `estimate.durationMs.expected`. Null when it is not known how many items there are.',
      resolve: async ({ estimate }) => (await estimate()).durationMs?.expected ?? null,
    }),
    nextSteps: t.stringList({
      description: 'How to follow it, one sentence each.',
      resolve: async ({ job }, _, context) => describeNextSteps(await loadProgress(job, context)),
    }),
    tips: t.stringList({
      description: 'Advice for this job, one sentence each.',
      resolve: async ({ job, estimate }) => describeTips(job, (await estimate()).durationMs?.expected ?? null),
    }),
  }),
});

builder.mutationField('submitJob', (t) =>
  t.field({
    type: SubmitJobPayload,
    access: 'SUBMIT',
    description: 'Accepts a job; it runs as soon as there is room.',
    errors: {
      types: commandErrors,
      union: { description: 'What became of `submitJob`.' },
    },
    args: { input: t.arg({ type: SubmitJobInput, required: true, description: 'The job to run.' }) },
    resolve: async (_, { input }, context) =>
      await context.services.jobs.submitJob(context.viewer, await readCommand(input, context)),
  }),
);

const EstimateJobPayload = builder.objectRef<{ estimate: JobEstimate }>('EstimateJobPayload').implement({
  description: 'The job would be accepted.',
  fields: (t) => ({
    estimate: t.expose('estimate', { type: JobEstimateType, description: 'What it should take.' }),
  }),
});

builder.queryField('estimateJob', (t) =>
  t.field({
    type: EstimateJobPayload,
    access: 'SUBMIT',
    description:
      'Checks a job as `submitJob` does, looks at the beginning of its source, and says what it should take; nothing is made and no quota is used.',
    errors: {
      types: [...commandErrors, ProviderError],
      union: { description: 'What became of `estimateJob`.' },
    },
    args: { input: t.arg({ type: SubmitJobInput, required: true, description: 'The job, as it would be submitted.' }) },
    resolve: async (_, { input }, context) => ({
      estimate: await context.services.jobs.estimateJob(context.viewer, await readCommand(input, context)),
    }),
  }),
);

async function readCommand(input: typeof SubmitJobInput.$inferInput, context: Context): Promise<SubmitJobCommand> {
  const { type, options } = readSpec(input.spec);
  return {
    title: input.title,
    type,
    options,
    source: await readSource(input.source, context),
    priority: input.priority,
    chunkPriority: input.chunkPriority,
    chunkSize: input.chunkSize ?? null,
    validation: input.validation,
    idempotencyKey: input.idempotencyKey ?? null,
    metadata: readMetadata(input.metadata),
    estimatedMinutes: input.estimatedMinutes ?? null,
    limits: input.limits ?? null,
    lockKey: input.lockKey,
    exports: input.exports ?? [],
    guardRails: readGuardRails(input),
  };
}

function readMetadata(metadata: unknown): Record<string, unknown> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(metadata ?? {});
  if (parsed.success) return parsed.data;
  throw invalid(['metadata'], 'metadata must be a JSON object.');
}
