import type { Job } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { ExportNode } from './export-node.ts';
import { findUuid } from './global-id.ts';
import { JobEventInterface } from './job-event.ts';
import { JobNode } from './job-node.ts';
import { JobFilterInput, toJobFilter } from './jobs-query.ts';
import { refuse } from './refuse.ts';

builder.subscriptionField('jobEvents', (t) =>
  t.field({
    type: JobEventInterface,
    access: 'FOLLOW',
    description:
      "Every entry of a job's journal once, in order, then live; completes after the entry of the job's end.",
    args: {
      jobId: t.arg.id({ required: true, description: 'The job to follow.' }),
      afterSequence: t.arg({
        type: 'BigInt',
        // Printed as it is sent, which is text.
        defaultValue: 0n,
        description: 'Number of the last entry that you have; 0 for all.',
      }),
    },
    subscribe: async (_, { jobId, afterSequence }, context) => {
      const job = await getJob(jobId, context);
      return context.services.feed.events(context.viewer, job.id, Number(afterSequence ?? 0n));
    },
    resolve: (event) => event,
    // Entries never change, and what is told of them depends on nothing else.
    extensions: { isShared: true },
  }),
);

builder.subscriptionField('jobProgress', (t) =>
  t.field({
    type: JobNode,
    access: 'FOLLOW',
    description: 'The job now, then whenever it changes, at most every 100 ms; completes after a terminal state.',
    args: { jobId: t.arg.id({ required: true, description: 'The job to follow.' }) },
    subscribe: async (_, { jobId }, context) => {
      const job = await getJob(jobId, context);
      return context.services.feed.progress(context.viewer, job.id);
    },
    resolve: (job) => job,
  }),
);

builder.subscriptionField('exportProgress', (t) =>
  t.field({
    type: ExportNode,
    access: 'FOLLOW',
    description:
      'The export now, then whenever it changes, at most every 100 ms; completes after COMPLETED, FAILED or EXPIRED.',
    args: { id: t.arg.id({ required: true, description: 'The export to follow.' }) },
    subscribe: async (_, { id }, { services, viewer }) => {
      const uuid = findUuid('Export', id);
      const found = uuid === null ? null : await services.exports.findExport(viewer, uuid);
      if (!found) throw refuse('NOT_FOUND', `There is no export ${JSON.stringify(id.slice(0, 100))}.`);
      return services.feed.exportProgress(viewer, found.id);
    },
    resolve: (found) => found,
  }),
);

builder.subscriptionField('jobsChanged', (t) =>
  t.field({
    type: JobNode,
    access: 'READ',
    description:
      'Jobs of the project as they change, new ones and deleted ones (`deletedAt`) included; it goes on until you leave.',
    args: { filter: t.arg({ type: JobFilterInput, description: 'Which jobs; all by default.' }) },
    subscribe: (_, { filter }, { services, viewer }) => services.feed.changes(viewer, toJobFilter(filter, viewer)),
    resolve: (job) => job,
  }),
);

/** Checked before the stream begins, so that the answer is an error and not a stream that breaks. */
async function getJob(id: string, { services, viewer }: Context): Promise<Job> {
  const uuid = findUuid('Job', id);
  const job = uuid === null ? null : await services.reads.findJob(viewer, uuid);
  if (!job) throw refuse('NOT_FOUND', `There is no job ${JSON.stringify(id.slice(0, 100))}.`);
  return job;
}
