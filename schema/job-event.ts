import { z } from 'zod';
import type { JobEvent } from '../src/domain/job-event.ts';
import { builder } from './builder.ts';
import { fromCursor, toCursor } from './cursor.ts';
import { jobGlobalId } from './job-node.ts';

export const JobEventInterface = builder.interfaceRef<JobEvent>('JobEvent').implement({
  description: "An entry of a job's journal; each was written in the transaction that made the change.",
  resolveType: (event) => event.type,
  fields: (t) => ({
    jobId: t.id({ description: 'The job that it is about.', resolve: (event) => jobGlobalId(event.jobId) }),
    sequence: t.expose('sequence', {
      type: 'BigInt',
      description: 'Number in the journal: 1, 2, 3 and on, without a gap.',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
  }),
});

export const JobEventConnection = builder.connectionObject(
  { name: 'JobEventConnection', type: JobEventInterface, description: 'A page of a journal.' },
  { name: 'JobEventEdge', description: 'An entry in a page.' },
);

/** Where an entry stands in the journal. */
export function toEventCursor(event: JobEvent): string {
  return toCursor([event.sequence]);
}

/** The number of the entry. @throws GraphQLError for a cursor that is none of an entry. */
export function fromEventCursor(cursor: string): number {
  return fromCursor(cursor, z.tuple([z.number().int()]))[0];
}
