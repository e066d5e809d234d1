import type { JobFilter } from '../../src/domain/job-filter.ts';

/** Lets all jobs of a project through. */
export const everyJob: JobFilter = {
  states: null,
  types: null,
  title: null,
  createdFrom: null,
  createdTo: null,
  createdBy: null,
  metadata: null,
};
