import { z } from 'zod';
import type { FailureGroup, FailureGroupCursor } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { fromCursor, toCursor } from './cursor.ts';
import { ItemInterface } from './item.ts';

export const FailureGroupType = builder.objectRef<FailureGroup>('FailureGroup').implement({
  description: 'Failed items whose errors differ only in figures and names.',
  fields: (t) => ({
    fingerprint: t.exposeString('fingerprint', { description: 'Names the group; `Job.items` can be filtered by it.' }),
    code: t.exposeString('code', { description: 'What kind of error it is, for programs.' }),
    message: t.exposeString('message', { description: "The example's message." }),
    count: t.expose('count', { type: 'BigInt', description: 'How many items are in the group.' }),
    example: t.expose('example', { type: ItemInterface, description: 'The first item of the group.' }),
  }),
});

export const FailureGroupConnection = builder.connectionObject(
  {
    name: 'FailureGroupConnection',
    type: FailureGroupType,
    description: 'A page of failure groups, the largest first.',
  },
  { name: 'FailureGroupEdge', description: 'A failure group in a page.' },
);

/** Where a group stands: the largest come first. */
export function toFailureCursor(group: FailureGroup): string {
  return toCursor([group.count, group.fingerprint]);
}

/** @throws GraphQLError for a cursor that is none of a failure group. */
export function fromFailureCursor(cursor: string): FailureGroupCursor {
  const [count, fingerprint] = fromCursor(cursor, z.tuple([z.number().int(), z.string()]));
  return { count, fingerprint };
}
