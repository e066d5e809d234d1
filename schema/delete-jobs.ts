import { InvalidInputError } from '../src/domain/errors.ts';
import type { DeletedJobs } from '../src/jobs/delete-jobs.ts';
import { builder } from './builder.ts';
import { JobFilterInput, toJobFilter } from './jobs-query.ts';

const DeleteJobsInput = builder.inputType('DeleteJobsInput', {
  description: 'Which jobs `deleteJobs` is about.',
  fields: (t) => ({
    filter: t.field({
      type: JobFilterInput,
      required: true,
      description: 'Which jobs, among those that have ended; an empty filter is all of them.',
    }),
  }),
});

const DeleteJobsPayload = builder.objectRef<DeletedJobs>('DeleteJobsPayload').implement({
  description: 'The jobs are deleted.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'How many were deleted.' }),
    hasMore: t.exposeBoolean('hasMore', {
      description: 'True when the call took on as many as it may, 100,000: repeat it for the rest.',
    }),
  }),
});

builder.mutationField('deleteJobs', (t) =>
  t.field({
    type: DeleteJobsPayload,
    access: 'CONTROL',
    description:
      'Removes all ended jobs that match at once from sight, and what hangs on them soon after. Those that have not ended, and those whose items another job is reading, stay.',
    errors: { types: [InvalidInputError], union: { description: 'What became of `deleteJobs`.' } },
    args: { input: t.arg({ type: DeleteJobsInput, required: true, description: 'Which jobs.' }) },
    resolve: (_, { input }, { services, viewer }) =>
      services.jobs.deleteJobs(viewer, toJobFilter(input.filter, viewer)),
  }),
);
