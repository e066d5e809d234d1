import { InvalidInputError } from '../src/domain/errors.ts';
import type { RetentionPeriod } from '../src/domain/retention.ts';
import type { Retention } from '../src/jobs/retention.ts';
import { builder } from './builder.ts';

const RetentionPeriodType = builder.objectRef<RetentionPeriod>('RetentionPeriod').implement({
  description: 'How long something is kept.',
  fields: (t) => ({
    hours: t.exposeFloat('hours', { nullable: true, description: 'Hours; null: until somebody deletes it.' }),
    isDefault: t.exposeBoolean('isDefault', {
      description: "True when the project says nothing about it and the installation's default holds.",
    }),
  }),
});

export const RetentionType = builder.objectRef<Retention>('Retention').implement({
  description: 'How long things of a project are kept before they are deleted.',
  fields: (t) => ({
    jobs: t.expose('jobs', {
      type: RetentionPeriodType,
      description: 'Jobs after their end, with all that hangs on them; exports that can be downloaded hold their job.',
    }),
    items: t.expose('items', {
      type: RetentionPeriodType,
      description: 'Items and results of a job after its end; the job, its totals, journal and exports stay.',
    }),
    exports: t.expose('exports', {
      type: RetentionPeriodType,
      description: 'Files of exports, once they are written.',
    }),
    uploads: t.expose('uploads', {
      type: RetentionPeriodType,
      description: 'Uploads; one that an unfinished job reads stays until the job has ended.',
    }),
  }),
});

const UpdateRetentionInput = builder.inputType('UpdateRetentionInput', {
  description:
    "Periods in hours, 1 to 876,000; null sets one back to the installation's default, what is left out stays.",
  fields: (t) => ({
    jobs: t.float({ description: 'Jobs after their end. Holds for those that have ended too.' }),
    items: t.float({ description: 'Items of jobs after their end. Holds for those that have ended too.' }),
    exports: t.float({ description: 'Exports that are written from now on.' }),
    uploads: t.float({ description: 'Uploads that are made from now on.' }),
  }),
});

const UpdateRetentionPayload = builder.objectRef<{ retention: Retention }>('UpdateRetentionPayload').implement({
  description: 'The retention is changed.',
  fields: (t) => ({ retention: t.expose('retention', { type: RetentionType, description: 'What holds now.' }) }),
});

builder.mutationField('updateRetention', (t) =>
  t.field({
    type: UpdateRetentionPayload,
    access: 'ADMIN',
    description: 'Says how long things of the project are kept; clean-up deletes them within minutes after that.',
    errors: { types: [InvalidInputError], union: { description: 'What became of `updateRetention`.' } },
    args: { input: t.arg({ type: UpdateRetentionInput, required: true, description: 'The periods.' }) },
    resolve: async (_, { input }, { services, viewer }) => ({
      retention: await services.retention.updateRetention(viewer, { ...input }),
    }),
  }),
);
