import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { chooseStarts, findPlace, headStartMs, type QueueCounts, type RunningJobs, waitMs } from './line.ts';

const owner = fc.record({ projectId: fc.constantFrom('p', 'q'), user: fc.constantFrom('a', 'b', 'c') });
const line = fc.array(owner, { maxLength: 30 }).map((owners) => owners.map((each, at) => ({ ...each, id: `${at}` })));
const runningJobs = fc.array(
  fc.record({ jobs: fc.integer({ min: 1, max: 3 }) }).chain((jobs) => owner.map((each) => ({ ...each, ...jobs }))),
  { maxLength: 4 },
);
const limit = fc.option(fc.integer({ min: 1, max: 6 }));
const limits = fc.record({ runningJobsPerUser: limit, runningJobsPerProject: limit, runningJobs: limit });

function sum(jobs: readonly RunningJobs[]): number {
  return jobs.reduce((total, each) => total + each.jobs, 0);
}

describe('The line of waiting jobs', () => {
  test.prop([line, runningJobs, limits])('fills every limit and exceeds none', (waiting, running, allowed) => {
    const started = chooseStarts(waiting, running, allowed);
    const after = [...running, ...waiting.filter(({ id }) => started.includes(id)).map((job) => ({ ...job, jobs: 1 }))];
    const isFull = (now: RunningJobs[], before: RunningJobs[], most: number | null) => {
      if (most === null) return false;
      expect(sum(now)).toBeLessThanOrEqual(Math.max(most, sum(before)));
      return sum(now) >= most;
    };
    for (const job of waiting) {
      const ofProject = (each: RunningJobs) => each.projectId === job.projectId;
      const ofUser = (each: RunningJobs) => ofProject(each) && each.user === job.user;
      const full = [
        isFull(after.filter(ofUser), running.filter(ofUser), allowed.runningJobsPerUser),
        isFull(after.filter(ofProject), running.filter(ofProject), allowed.runningJobsPerProject),
        isFull(after, running, allowed.runningJobs),
      ];
      if (!started.includes(job.id)) expect(full).toContain(true);
    }
  });

  test.prop([line, runningJobs, limits])(
    'lets the jobs of a user start in their order',
    (waiting, running, allowed) => {
      const started = new Set(chooseStarts(waiting, running, allowed));
      for (const user of ['a', 'b', 'c']) {
        const own = waiting
          .filter((job) => job.user === user && job.projectId === 'p')
          .map(({ id }) => started.has(id));
        expect(own).toEqual(own.toSorted((a, b) => Number(b) - Number(a)));
      }
    },
  );

  test('lets a user with room pass one without', () => {
    const waiting = ['a', 'a', 'b'].map((user, at) => ({ id: `${at}`, projectId: 'p', user }));
    const limited = { runningJobsPerUser: 1, runningJobsPerProject: null, runningJobs: 20 };
    expect(chooseStarts(waiting, [{ projectId: 'p', user: 'a', jobs: 1 }], limited)).toEqual(['2']);
  });

  test('puts urgent jobs ahead, but not for ever', () => {
    expect(headStartMs).toEqual({ HIGH: 3_600_000, NORMAL: 0, LOW: -3_600_000 });
  });
});

describe('A place in line', () => {
  const counts = (running: number, ahead: number): QueueCounts => ({
    USER: { running, ahead },
    PROJECT: { running: running + 5, ahead: ahead + 5 },
    INSTALLATION: { running: running + 10, ahead: ahead + 10 },
  });

  test('is counted among those whom the same limit holds back', () => {
    const none = { runningJobsPerUser: null, runningJobsPerProject: null, runningJobs: null };
    expect(findPlace(counts(3, 2), { ...none, runningJobsPerUser: 3 })).toEqual({
      position: 3,
      level: 'USER',
      limit: 3,
    });
    expect(findPlace(counts(1, 2), { ...none, runningJobsPerUser: 3 })).toEqual({
      position: 1,
      level: 'USER',
      limit: 3,
    });
    expect(findPlace(counts(0, 0), { runningJobsPerUser: 3, runningJobsPerProject: 5, runningJobs: 1 })).toEqual({
      position: 6,
      level: 'PROJECT',
      limit: 5,
    });
    expect(findPlace(counts(0, 0), { ...none, runningJobs: 5 })).toMatchObject({ position: 11, level: 'INSTALLATION' });
  });

  test('is none where there is room', () => {
    expect(
      findPlace(counts(0, 0), { runningJobsPerUser: 3, runningJobsPerProject: null, runningJobs: 100 }),
    ).toBeNull();
  });
});

describe('The wait in line', () => {
  const queue = { limit: 2, running: [9_000, 4_000], ahead: 0, eachMs: 5_000 };

  test('ends with the first of those that run', () => {
    expect(waitMs(queue)).toBe(4_000);
  });

  test('is longer by those before it, each of which takes the place that comes free first', () => {
    expect([1, 2, 3, 4].map((ahead) => waitMs({ ...queue, ahead }))).toEqual([9_000, 9_000, 14_000, 14_000]);
  });

  test('is over at once where a place is free, and longer where more run than may', () => {
    expect(waitMs({ ...queue, limit: 3 })).toBe(0);
    expect(waitMs({ ...queue, limit: 3, ahead: 1 })).toBe(4_000);
    expect(waitMs({ ...queue, limit: 1 })).toBe(9_000);
  });
});
