import { z } from 'zod';
import { builder } from './builder.ts';
import { fromCursor, toCursor } from './cursor.ts';
import { JobTypeNameEnum } from './derive/registry-types.ts';
import { JobStateEnum } from './enums.ts';
import { findUuid } from './global-id.ts';
import { JobConnection, JobNode } from './job-node.ts';
import { bothWaysPageArgs, pageSize, toConnection } from './paging.ts';
import { refuse } from './refuse.ts';

export const JobFilterInput = builder.inputType('JobFilterInput', {
  description: 'Which jobs; what is left out lets all through.',
  fields: (t) => ({
    states: t.field({ type: [JobStateEnum], description: 'Jobs in one of these states.' }),
    types: t.field({ type: [JobTypeNameEnum], description: 'Jobs of one of these types.' }),
  }),
});

const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Which way a list is ordered.',
  values: {
    ASC: { value: 'ASC', description: 'The least first.' },
    DESC: { value: 'DESC', description: 'The greatest first.' },
  } as const,
});

const JobOrderField = builder.enumType('JobOrderField', {
  description: 'What a list of jobs is ordered by.',
  values: { CREATED_AT: { value: 'CREATED_AT', description: 'When the job was submitted.' } } as const,
});

const JobOrderInput = builder.inputType('JobOrderInput', {
  description: 'How a list of jobs is ordered.',
  fields: (t) => ({
    field: t.field({
      type: JobOrderField,
      required: true,
      defaultValue: 'CREATED_AT',
      description: 'What it is ordered by.',
    }),
    direction: t.field({ type: OrderDirection, required: true, defaultValue: 'DESC', description: 'Which way.' }),
  }),
});

builder.queryField('job', (t) =>
  t.field({
    type: JobNode,
    nullable: true,
    description: 'A job by its id, global or plain; null when the id names none in the project.',
    args: { id: t.arg.id({ required: true, description: 'The `id` of the job.' }) },
    resolve: (_, { id }, { services, viewer }) => {
      const uuid = findUuid('Job', id);
      return uuid === null ? null : services.reads.findJob(viewer, uuid);
    },
  }),
);

builder.queryField('jobByKey', (t) =>
  t.field({
    type: JobNode,
    nullable: true,
    description: 'A job by the idempotency key that it was submitted under; null when there is none.',
    args: { key: t.arg.string({ required: true, description: 'The idempotency key.' }) },
    resolve: (_, { key }, { services, viewer }) => services.reads.findJobByKey(viewer, key),
  }),
);

builder.queryField('jobs', (t) =>
  t.field({
    type: JobConnection,
    description: "The project's jobs, newest first unless asked otherwise.",
    args: {
      filter: t.arg({ type: JobFilterInput, description: 'Which jobs; all by default.' }),
      orderBy: t.arg({ type: JobOrderInput, description: 'Their order; newest first by default.' }),
      ...bothWaysPageArgs,
    },
    resolve: async (_, { filter, orderBy, first, after, last, before }, { services, viewer }) => {
      const isNumber = (value: unknown) => typeof value === 'number';
      if (isNumber(first) && isNumber(last)) throw refuse('INVALID_INPUT', 'Give first or last, not both.');
      const page = await services.reads.listJobs(
        viewer,
        {
          filter: { states: filter?.states ?? null, types: filter?.types ?? null },
          direction: orderBy?.direction ?? 'DESC',
        },
        {
          limit: isNumber(last) ? pageSize(last, 'last') : pageSize(first),
          fromEnd: isNumber(last),
          after: after ? fromJobCursor(after) : null,
          before: before ? fromJobCursor(before) : null,
        },
      );
      return toConnection(page, ({ id }) => toCursor([id]));
    },
  }),
);

function fromJobCursor(cursor: string): string {
  return fromCursor(cursor, z.tuple([z.uuid()]))[0];
}
