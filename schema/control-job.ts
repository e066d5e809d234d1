import { ConflictError, NotFoundError } from '../src/domain/errors.ts';
import type { JobCommands } from '../src/jobs/commands.ts';
import type { Job } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { upperFirst } from './derive/names.ts';
import { getUuid } from './global-id.ts';
import { jobGlobalId, JobNode } from './job-node.ts';

const descriptions = {
  pauseJob: 'Lets what is running end, then stops the job; it is PAUSED when nothing of it is running any more.',
  resumeJob: 'Goes on with a paused job.',
  approveJob: 'Lets the rest of a job run whose first items wait for approval; those do not run again.',
  cancelJob: 'Ends a job; what has ended is kept, the other items become CANCELED.',
} as const satisfies Partial<Record<keyof JobCommands, string>>;

type Control = keyof typeof descriptions;

for (const control of ['pauseJob', 'resumeJob', 'approveJob', 'cancelJob'] as const) addControl(control);

/** One of the mutations that take a job and answer it. */
function addControl(control: Control): void {
  const name = upperFirst(control);
  const input = jobInput(`${name}Input`, `Which job \`${control}\` is about.`);
  const payload = builder.objectRef<{ job: Job }>(`${name}Payload`).implement({
    description: `\`${control}\` was accepted.`,
    fields: (t) => ({ job: t.expose('job', { type: JobNode, description: 'The job after it.' }) }),
  });
  builder.mutationField(control, (t) =>
    t.field({
      type: payload,
      access: 'CONTROL',
      description: descriptions[control],
      errors: { types: [NotFoundError, ConflictError], union: { description: `What became of \`${control}\`.` } },
      args: { input: t.arg({ type: input, required: true, description: 'The job.' }) },
      resolve: async (_, args, { services, viewer }) => ({
        job: await services.jobs[control](viewer, getUuid('Job', args.input.jobId)),
      }),
    }),
  );
}

const DeleteJobPayload = builder.objectRef<{ jobId: string }>('DeleteJobPayload').implement({
  description: 'The job is deleted.',
  fields: (t) => ({
    jobId: t.id({ description: 'The id that the job had.', resolve: ({ jobId }) => jobGlobalId(jobId) }),
  }),
});

builder.mutationField('deleteJob', (t) =>
  t.field({
    type: DeleteJobPayload,
    access: 'CONTROL',
    description: 'Removes an ended job at once from sight, and its items, results, exports and files soon after.',
    errors: { types: [NotFoundError, ConflictError], union: { description: 'What became of `deleteJob`.' } },
    args: {
      input: t.arg({
        type: jobInput('DeleteJobInput', 'Which job `deleteJob` is about.'),
        required: true,
        description: 'The job.',
      }),
    },
    resolve: async (_, { input }, { services, viewer }) => {
      const jobId = getUuid('Job', input.jobId);
      await services.jobs.deleteJob(viewer, jobId);
      return { jobId };
    },
  }),
);

function jobInput(name: string, description: string) {
  return builder.inputType(name, {
    description,
    fields: (t) => ({ jobId: t.id({ required: true, description: 'The `id` of the job, global or plain.' }) }),
  });
}
