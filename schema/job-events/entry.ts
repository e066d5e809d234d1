import type { ItemCounts } from '../../src/domain/item-counts.ts';
import type { JobEvent, JobEventType } from '../../src/domain/job-event.ts';
import { ItemCountsType } from '../counts.ts';
import type { BuilderTypes } from '../derive/derived-enum.ts';

/** An entry of a kind, with its data. */
export type Entry<T extends JobEventType> = Extract<JobEvent, { type: T }>;

/** Builds the fields of an entry from its data. */
export type Fields<Parent> = PothosSchemaTypes.ObjectFieldBuilder<BuilderTypes, Parent>;

/** What became of the items of the job. */
export function countFields<Parent extends { data: { counts: ItemCounts } }>(t: Fields<Parent>) {
  return {
    counts: t.field({
      type: ItemCountsType,
      description: "The job's items after the change.",
      resolve: ({ data }) => data.counts,
    }),
  };
}

/** What went wrong. */
export function errorFields<Parent extends { data: { error: string } }>(t: Fields<Parent>) {
  return { error: t.string({ description: 'What went wrong.', resolve: ({ data }) => data.error }) };
}
