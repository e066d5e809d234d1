import { ConflictError, InvalidInputError, NotFoundError } from '../src/domain/errors.ts';
import type { Job } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { getUuid } from './global-id.ts';
import { limitFields, readLimits } from './guard-rail-inputs.ts';
import { JobNode } from './job-node.ts';

const UpdateJobLimitsInput = builder.inputType('UpdateJobLimitsInput', {
  description: 'Rails to change: one that is left out stays as it is, null takes it away.',
  fields: (t) => ({
    jobId: t.id({ required: true, description: 'The `id` of the job, global or plain.' }),
    ...limitFields(t),
  }),
});

const UpdateJobLimitsPayload = builder.objectRef<{ job: Job }>('UpdateJobLimitsPayload').implement({
  description: '`updateJobLimits` was accepted.',
  fields: (t) => ({ job: t.expose('job', { type: JobNode, description: 'The job after it.' }) }),
});

builder.mutationField('updateJobLimits', (t) =>
  t.field({
    type: UpdateJobLimitsPayload,
    access: 'CONTROL',
    description:
      'Changes the guard rails of a job that has not ended; a job that they paused is resumed by `resumeJob`.',
    errors: {
      types: [NotFoundError, ConflictError, InvalidInputError],
      union: { description: 'What became of `updateJobLimits`.' },
    },
    args: { input: t.arg({ type: UpdateJobLimitsInput, required: true, description: 'The job and its new rails.' }) },
    resolve: async (_, { input }, { services, viewer }) => ({
      job: await services.jobs.updateJobLimits(viewer, getUuid('Job', input.jobId), readLimits(input)),
    }),
  }),
);
