import { ConflictError, InvalidInputError, NotFoundError } from '../src/domain/errors.ts';
import type { StageReport } from '../src/jobs/outside/external-stages.ts';
import type { Job } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import type { Types } from './builder.ts';
import { upperFirst } from './derive/names.ts';
import { getUuid } from './global-id.ts';
import { invalid } from './invalid.ts';
import { JobNode } from './job-node.ts';
import { readJsonObject, readText } from './read-input.ts';
import { anyText } from './text-plugin.ts';

type InputBuilder = PothosSchemaTypes.InputFieldBuilder<PothosSchemaTypes.ExtendDefaultTypes<Types>, 'InputObject'>;

/** What each report of a service says. */
const reportFields = (t: InputBuilder) => ({
  jobId: t.id({ required: true, description: 'The `id` of the job, global or plain.' }),
  stage: t.string({ required: true, description: 'Name of the stage, one that is driven from outside.' }),
  total: t.field({
    type: 'BigInt',
    description: 'How much the stage has to do, in units of yours; as before when left out.',
  }),
  completed: t.field({
    type: 'BigInt',
    description: 'How much of it is done, failures included; as before when left out.',
  }),
  failed: t.field({ type: 'BigInt', description: 'How much of that failed; as before when left out.' }),
  metadata: t.field({ type: 'JSON', description: 'A JSON object that is added to `Stage.metadata`.' }),
});

const reports = {
  startStage: 'Begins a stage that is driven from outside, once the stages before it are over.',
  updateStageProgress: 'Says how far a stage is that is driven from outside.',
  completeStage: 'Ends a stage that is driven from outside, and the job goes on; it may be repeated.',
} as const;

for (const [name, description] of Object.entries(reports)) {
  const report = name as keyof typeof reports; // Those are its keys.
  const input = builder.inputType(`${upperFirst(report)}Input`, {
    description: `What \`${report}\` says of a stage.`,
    fields: (t) => reportFields(t),
  });
  builder.mutationField(report, (t) =>
    t.field({
      type: payloadOf(report),
      access: 'CONTROL',
      description,
      errors: errorsOf(report),
      args: { input: t.arg({ type: input, required: true, description: 'The stage.' }) },
      resolve: async (_, args, { services, viewer }) => ({
        job: await services.outside[report](viewer, readReport(args.input)),
      }),
    }),
  );
}

const FailStageInput = builder.inputType('FailStageInput', {
  description: 'Which stage failed, and why.',
  fields: (t) => ({
    ...reportFields(t),
    error: t.string({ required: true, description: 'What went wrong, for people.', extensions: anyText }),
    retryAfterMs: t.int({
      description: 'Milliseconds after which the stage may be started again; when left out the job FAILED for good.',
    }),
  }),
});

/** Longer delays are no retry any more. */
const maxRetryAfterMs = 7 * 24 * 3_600_000;

builder.mutationField('failStage', (t) =>
  t.field({
    type: payloadOf('failStage'),
    access: 'CONTROL',
    description: 'Says that a stage which is driven from outside failed: for now, or for good, and the job with it.',
    errors: errorsOf('failStage'),
    args: { input: t.arg({ type: FailStageInput, required: true, description: 'The stage.' }) },
    resolve: async (_, { input }, { services, viewer }) => {
      const retryAfterMs = input.retryAfterMs ?? null;
      if (retryAfterMs !== null && (retryAfterMs < 0 || retryAfterMs > maxRetryAfterMs))
        throw invalid(['retryAfterMs'], `retryAfterMs must be 0 to ${maxRetryAfterMs}.`);
      const failure = { ...readReport(input), error: readText('error', input.error), retryAfterMs };
      return { job: await services.outside.failStage(viewer, failure) };
    },
  }),
);

function payloadOf(mutation: string) {
  return builder.objectRef<{ job: Job }>(`${upperFirst(mutation)}Payload`).implement({
    description: `\`${mutation}\` was accepted.`,
    fields: (t) => ({ job: t.expose('job', { type: JobNode, description: 'The job after it.' }) }),
  });
}

function errorsOf(mutation: string) {
  return {
    types: [NotFoundError, ConflictError, InvalidInputError],
    union: { description: `What became of \`${mutation}\`.` },
  };
}

interface ReportInput {
  jobId: string;
  stage: string;
  total?: bigint | null | undefined;
  completed?: bigint | null | undefined;
  failed?: bigint | null | undefined;
  metadata?: unknown;
}

function readReport({ jobId, stage, total, completed, failed, metadata }: ReportInput): StageReport {
  return {
    jobId: getUuid('Job', jobId),
    stage,
    total: toNumber(total),
    completed: toNumber(completed),
    failed: toNumber(failed),
    metadata: readJsonObject('metadata', metadata),
  };
}

function toNumber(figure: bigint | null | undefined): number | null {
  return figure === null || figure === undefined ? null : Number(figure);
}
