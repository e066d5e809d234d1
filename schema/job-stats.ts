import type { ItemCounts } from '../src/domain/item-counts.ts';
import { jobStates, type JobState } from '../src/domain/job-state.ts';
import type { JobGroup } from '../src/jobs/reads/job-reads.ts';
import { builder } from './builder.ts';
import { ItemCountsType } from './counts.ts';
import { JobTypeNameEnum } from './derive/registry-types.ts';
import { JobStateEnum } from './enums.ts';

type Groups = readonly JobGroup[];

const JobsInState = builder.objectRef<{ state: JobState; count: number }>('JobsInState').implement({
  description: 'How many jobs are in one state.',
  fields: (t) => ({
    state: t.expose('state', { type: JobStateEnum, description: 'The state.' }),
    count: t.exposeInt('count', { description: 'Jobs in it.' }),
  }),
});

const JobTypeStats = builder.objectRef<{ type: string; groups: Groups }>('JobTypeStats').implement({
  description: 'The jobs of one type, in figures.',
  fields: (t) => ({
    type: t.expose('type', { type: JobTypeNameEnum, description: 'The type.' }),
    jobs: t.int({ description: 'Jobs of it.', resolve: ({ groups }) => countJobs(groups) }),
    items: t.field({
      type: ItemCountsType,
      description: 'Items of its jobs, by state.',
      resolve: ({ groups }) => addItems(groups),
    }),
  }),
});

const JobStats = builder.objectRef<Groups>('JobStats').implement({
  description: "The project's jobs in figures, all from one moment; deleted jobs do not count.",
  fields: (t) => ({
    jobs: t.int({ description: 'All jobs.', resolve: countJobs }),
    jobsByState: t.field({
      type: [JobsInState],
      description: 'Jobs by state, each state once.',
      resolve: (groups) =>
        jobStates.map((state) => ({ state, count: countJobs(groups.filter((group) => group.state === state)) })),
    }),
    items: t.field({ type: ItemCountsType, description: 'Items of all jobs, by state.', resolve: addItems }),
    byType: t.field({
      type: [JobTypeStats],
      description: 'Each type that there are jobs of.',
      resolve: (groups) =>
        [...Map.groupBy(groups, ({ type }) => type)].map(([type, ofType]) => ({ type, groups: ofType })),
    }),
    completedLastDay: t.int({
      description: 'Jobs that were COMPLETED in the last 24 hours.',
      resolve: (groups) => groups.reduce((sum, group) => sum + group.completedLastDay, 0),
    }),
    averageDurationMs: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Milliseconds that a COMPLETED job ran on average, without pauses; null when there is none.',
      resolve: (groups) => {
        const completed = countJobs(groups.filter(({ state }) => state === 'COMPLETED'));
        if (completed === 0) return null;
        return Math.round(groups.reduce((sum, { durationMs }) => sum + durationMs, 0) / completed);
      },
    }),
  }),
});

builder.queryField('jobStats', (t) =>
  t.field({
    type: JobStats,
    access: 'READ',
    description: "The project's jobs in figures.",
    resolve: (_, _arguments, { services, viewer }) => services.reads.countJobs(viewer),
  }),
);

function countJobs(groups: Groups): number {
  return groups.reduce((sum, { jobs }) => sum + jobs, 0);
}

function addItems(groups: Groups): ItemCounts {
  const add = (state: keyof ItemCounts) => groups.reduce((sum, { items }) => sum + items[state], 0);
  return {
    total: add('total'),
    pending: add('pending'),
    running: add('running'),
    succeeded: add('succeeded'),
    failed: add('failed'),
    skipped: add('skipped'),
    canceled: add('canceled'),
  };
}
