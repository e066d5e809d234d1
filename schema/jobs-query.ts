import { z } from 'zod';
import type { JobFilter } from '../src/domain/job-filter.ts';
import type { Viewer } from '../src/jobs/commands.ts';
import type { JobPosition, JobsQuery } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { fromCursor, toCursor } from './cursor.ts';
import { describedEnum } from './described-enum.ts';
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
    title: t.string({ description: 'Jobs with this text in their title, in any case of letters.' }),
    createdFrom: t.field({ type: 'DateTime', description: 'Jobs submitted at this moment or later.' }),
    createdTo: t.field({ type: 'DateTime', description: 'Jobs submitted before this moment.' }),
    mine: t.boolean({ description: 'True for jobs that you submitted: under the same key, or as the same user.' }),
    metadata: t.field({
      type: 'JSON',
      description: 'Jobs whose metadata contains this object: its members, at every depth.',
    }),
  }),
});

const OrderDirection = describedEnum('OrderDirection', 'Which way a list is ordered.', ['ASC', 'DESC'], {
  ASC: 'The least first.',
  DESC: 'The greatest first.',
});

const JobOrderField = describedEnum(
  'JobOrderField',
  'What a list of jobs is ordered by.',
  ['CREATED_AT', 'UPDATED_AT', 'PERCENT_COMPLETE'],
  {
    CREATED_AT: 'When the job was submitted.',
    UPDATED_AT: 'When the job changed last.',
    PERCENT_COMPLETE: 'The share of its items that have ended.',
  },
);

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
    access: 'FOLLOW',
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
    access: 'FOLLOW',
    nullable: true,
    description: 'A job by the idempotency key that it was submitted under; null when there is none.',
    args: { key: t.arg.string({ required: true, description: 'The idempotency key.' }) },
    resolve: (_, { key }, { services, viewer }) => services.reads.findJobByKey(viewer, key),
  }),
);

builder.queryField('jobs', (t) =>
  t.field({
    type: JobConnection,
    access: 'READ',
    description: "The project's jobs, newest first unless asked otherwise.",
    args: {
      filter: t.arg({ type: JobFilterInput, description: 'Which jobs; all by default.' }),
      orderBy: t.arg({ type: JobOrderInput, description: 'Their order; newest first by default.' }),
      ...bothWaysPageArgs,
    },
    resolve: async (_, { filter, orderBy, first, after, last, before }, { services, viewer }) => {
      const isNumber = (value: unknown) => typeof value === 'number';
      if (isNumber(first) && isNumber(last)) throw refuse('INVALID_INPUT', 'Give first or last, not both.');
      const field = orderBy?.field ?? 'CREATED_AT';
      const page = await services.reads.listJobs(
        viewer,
        { filter: toJobFilter(filter, viewer), field, direction: orderBy?.direction ?? 'DESC' },
        {
          limit: isNumber(last) ? pageSize(last, 'last') : pageSize(first),
          fromEnd: isNumber(last),
          after: after ? fromJobCursor(field, after) : null,
          before: before ? fromJobCursor(field, before) : null,
        },
      );
      const { edges, pageInfo } = toConnection(page, ({ position }) => toCursor([field, position.id, position.rank]));
      return { edges: edges.map(({ cursor, node }) => ({ cursor, node: node.job })), pageInfo };
    },
  }),
);

/** A cursor of one order says nothing in another. */
function fromJobCursor(field: JobsQuery['field'], cursor: string): JobPosition {
  const [, id, rank] = fromCursor(cursor, z.tuple([z.literal(field), z.uuid(), z.number()]));
  return { id, rank };
}

/** @throws GraphQLError when the metadata is no object, or when there is a NUL, which no job has in it */
export function toJobFilter(
  filter: typeof JobFilterInput.$inferInput | null | undefined,
  { caller }: Viewer,
): JobFilter {
  const metadata = filter?.metadata ?? null;
  if (typeof metadata !== 'object' || Array.isArray(metadata)) {
    throw refuse('INVALID_INPUT', 'filter.metadata must be an object, like {"team": "billing"}.');
  }
  if (JSON.stringify([filter?.title, metadata]).includes(String.raw`\u0000`)) {
    throw refuse('INVALID_INPUT', 'filter must not have the character NUL in it.');
  }
  return {
    states: filter?.states ?? null,
    types: filter?.types ?? null,
    title: filter?.title ?? null,
    createdFrom: filter?.createdFrom ?? null,
    createdTo: filter?.createdTo ?? null,
    createdBy: filter?.mine ? caller : null,
    metadata,
  };
}
