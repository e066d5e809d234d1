import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { appendEntries, completeJob, insertRunningJob, makeViewer, moveJob } from '../../../test/support/journal.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { ExportEntity } from '../../database/entities/export.ts';
import { newId } from '../../database/new-id.ts';
import { lockJob } from '../../database/sql/lock-job.ts';
import { InvalidInputError, NotFoundError } from '../../domain/errors.ts';
import type { ExportState } from '../../domain/export.ts';
import type { Viewer } from '../commands.ts';
import { setJobState } from '../set-job-state.ts';
import { createJobFeed, type JobFeed } from './job-feed.ts';
import { everyJob } from '../../../test/support/every-job.ts';

const log = pino({ level: 'silent' });
const viewer = makeViewer();

let db: TestDatabase;
let feed: JobFeed;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());
beforeEach(() => {
  feed = createJobFeed({ database: db.database, log });
});
afterEach(async () => {
  expect(feed.size).toBe(0);
  await feed.close();
});

/** The next value. @throws Error when there is none */
async function next<T>(values: AsyncIterator<T, void>): Promise<T> {
  const result = await values.next();
  if (result.done) throw new Error('There is no further value.');
  return result.value;
}

function upTo(last: number, from = 1): number[] {
  return Array.from({ length: last - from + 1 }, (_, index) => from + index);
}

async function collectSequences(events: AsyncIterable<{ sequence: number }>): Promise<number[]> {
  return (await Array.fromAsync(events)).map((event) => event.sequence);
}

describe('events (docs/job-events.md)', () => {
  test('P1, P3: a job that is over is replayed from the start, or from any entry, and the stream completes', async () => {
    const jobId = await insertRunningJob(db.database, viewer);
    await appendEntries(db.database, jobId, 3);
    await completeJob(db.database, jobId);

    const events = await Array.fromAsync(feed.events(viewer, jobId, 0));
    expect(events.map((event) => [event.sequence, event.type])).toEqual([
      [1, 'StageStarted'],
      [2, 'StageStarted'],
      [3, 'StageStarted'],
      [4, 'JobStateChanged'],
      [5, 'JobStateChanged'],
    ]);
    expect(events[4]).toEqual({
      jobId,
      sequence: 5,
      at: expect.any(Date),
      type: 'JobStateChanged',
      data: { from: 'COMPLETING', to: 'COMPLETED', reason: null, by: 'test', message: null },
    });
    expect(await collectSequences(feed.events(viewer, jobId, 3))).toEqual([4, 5]);
    expect(await collectSequences(feed.events(viewer, jobId, 5))).toEqual([]);
  });

  test('P2: readers that are cut and resumed at random points, beside a writer, each get 1..N', async () => {
    const jobId = await insertRunningJob(db.database, viewer);
    const entries = 900;
    const writing = appendEntries(db.database, jobId, entries).then(() => completeJob(db.database, jobId));
    const cuts = fc.sample(fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 5, maxLength: 30 }), {
      numRuns: 6,
      seed: 7,
    });

    const readers = cuts.map(async (lengths) => {
      const seen: number[] = [];
      for (const length of lengths) {
        const events = feed.events(viewer, jobId, seen.at(-1) ?? 0);
        for (let n = 0; n < length; n += 1) {
          const result = await events.next();
          if (result.done) return seen;
          seen.push(result.value.sequence);
        }
        await events.return?.();
      }
      return [...seen, ...(await collectSequences(feed.events(viewer, jobId, seen.at(-1) ?? 0)))];
    });

    for (const seen of await Promise.all(readers)) expect(seen).toEqual(upTo(entries + 2));
    await writing;
  });

  test('P5: a reader that stops holds nobody else, and finds everything when it goes on', async () => {
    const jobId = await insertRunningJob(db.database, viewer);
    await appendEntries(db.database, jobId, 1);
    const stopped = feed.events(viewer, jobId, 0);
    expect((await next(stopped)).sequence).toBe(1);

    const other = collectSequences(feed.events(viewer, jobId, 0));
    // More than the shared ring and one page of the database hold.
    await appendEntries(db.database, jobId, 800);
    await completeJob(db.database, jobId);
    expect(await other).toEqual(upTo(803));
    expect(await collectSequences(stopped)).toEqual(upTo(803, 2));
  });

  test('P4: a job that was retried goes on in the same numbering', async () => {
    const jobId = await insertRunningJob(db.database, viewer);
    await completeJob(db.database, jobId);
    await moveJob(db.database, jobId, 'RUNNING');
    const events = feed.events(viewer, jobId, 2);
    expect((await next(events)).data).toMatchObject({ from: 'COMPLETED', to: 'RUNNING' });
    await completeJob(db.database, jobId);
    expect(await collectSequences(events)).toEqual([4, 5]);
  });

  test('a number that the journal has not reached is waited for', async () => {
    const jobId = await insertRunningJob(db.database, viewer);
    const events = collectSequences(feed.events(viewer, jobId, 4));
    await waitFor(() => feed.size === 1);
    await appendEntries(db.database, jobId, 6);
    await completeJob(db.database, jobId);
    expect(await events).toEqual([5, 6, 7, 8]);
  });

  test('a reader that leaves while it waits is let go at once', async () => {
    const jobId = await insertRunningJob(db.database, viewer);
    const left = feed.events(viewer, jobId, 0);
    const waiting = left.next();
    await waitFor(() => feed.size === 1);
    await left.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });

    const controller = new AbortController();
    const aborted = feed.events(viewer, jobId, 0, controller.signal).next();
    await waitFor(() => feed.size === 1);
    controller.abort();
    expect(await aborted).toEqual({ done: true, value: undefined });
  });

  test('P7: what is not there, or of another project, is not found', async () => {
    const jobId = await insertRunningJob(db.database, viewer);
    const watched = feed.events(viewer, jobId, 0);
    const waiting = watched.next();
    await waitFor(() => feed.size === 1);
    for (const [who, id] of [
      [makeViewer(), jobId],
      [viewer, newId()],
      [viewer, 'no-uuid'],
    ] as const) {
      await expect(feed.events(who, id, 0).next()).rejects.toThrow(NotFoundError);
      await expect(feed.progress(who, id).next()).rejects.toThrow(NotFoundError);
    }
    await watched.return?.();
    await waiting;
    await expect(feed.events(viewer, jobId, -1).next()).rejects.toThrow(InvalidInputError);
    await expect(feed.events(viewer, jobId, 1.5).next()).rejects.toThrow(InvalidInputError);
  });

  test('P7: a job that is deleted while it is followed ends the stream with that error', async () => {
    const jobId = await insertRunningJob(db.database, viewer);
    const outcome = feed.events(viewer, jobId, 0).next().catch(String);
    await waitFor(() => feed.size === 1);
    await db.database.pool.query('update jobs set deleted_at = now() where id = $1', [jobId]);
    expect(await outcome).toBe(`NotFoundError: Job ${jobId} was deleted.`);
  });

  test('P6: connections that Postgres drops end no subscription', async () => {
    const jobId = await insertRunningJob(db.database, viewer);
    const events = collectSequences(feed.events(viewer, jobId, 0));
    const progress = Array.fromAsync(feed.progress(viewer, jobId));
    await waitFor(() => feed.size === 1);
    const dropConnections = () =>
      db.database.pool.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
    for (const round of [1, 2, 3]) {
      await dropConnections();
      const append = () =>
        appendEntries(db.database, jobId, 1).then(
          () => true,
          () => false,
        );
      await waitFor(append, { description: `entry ${round}` });
    }
    await completeJob(db.database, jobId);
    expect(await events).toEqual(upTo(5));
    expect((await progress).at(-1)?.state).toBe('COMPLETED');
  });
});

describe('progress', () => {
  test('the present state comes at once, later ones when they are there, and the last one always', async () => {
    const jobId = await insertRunningJob(db.database, viewer);
    const progress = feed.progress(viewer, jobId);
    expect(await next(progress)).toMatchObject({ id: jobId, state: 'RUNNING', lastSequence: 0 });
    await appendEntries(db.database, jobId, 50);
    await completeJob(db.database, jobId);
    const rest = await Array.fromAsync(progress);
    expect(rest.at(-1)).toMatchObject({ id: jobId, state: 'COMPLETED', lastSequence: 52 });
    expect(rest.length).toBeLessThan(20);
    expect((await Array.fromAsync(feed.progress(viewer, jobId))).map((job) => job.state)).toEqual(['COMPLETED']);
  });

  test('counters that move without a journal entry are told too', async () => {
    const jobId = await insertRunningJob(db.database, viewer);
    const progress = feed.progress(viewer, jobId);
    expect((await next(progress)).running).toBe(0);
    await db.database.pool.query('update jobs set total = 5, running = 5 where id = $1', [jobId]);
    // The first row may come twice: it was read while the hub looked, too.
    while ((await next(progress)).running !== 5);
    await progress.return?.();
  });

  test('readers of one job share its row', async () => {
    const jobId = await insertRunningJob(db.database, viewer);
    const [one, two] = [feed.progress(viewer, jobId), feed.progress(viewer, jobId)];
    expect(await next(one)).toBe(await next(two));
    await Promise.all([one.return?.(), two.return?.()]);
  });
});

describe('changes', () => {
  test('new jobs, running ones and their end are told, of this project only', async () => {
    const follower = makeViewer();
    const old = await insertRunningJob(db.database, follower, 'old');
    const changes = feed.changes(follower, null);
    const first = next(changes);
    await waitFor(() => feed.size === 1);
    await appendEntries(db.database, await insertRunningJob(db.database, viewer, 'foreign'), 1);
    await appendEntries(db.database, old, 1);
    expect(await first).toMatchObject({ id: old, lastSequence: 1 });

    const fresh = await insertRunningJob(db.database, follower, 'fresh');
    expect(await next(changes)).toMatchObject({ id: fresh, title: 'fresh' });
    await completeJob(db.database, old);
    const states = [await next(changes)];
    while (states.at(-1)?.state !== 'COMPLETED') states.push(await next(changes));
    expect(new Set(states.map((job) => job.id))).toEqual(new Set([old]));
    await changes.return?.();
  });

  test('a job that ended long ago is told when it changes, runs again or is deleted', async () => {
    const follower = makeViewer();
    const { pool } = db.database;
    const old = await insertRunningJob(db.database, follower, 'old');
    await completeJob(db.database, old);
    await pool.query(`update jobs set settled_at = now() - interval '1 hour' where id = $1`, [old]);
    const changes = feed.changes(follower, null);
    const first = next(changes);
    await waitFor(() => feed.size === 1);

    await appendEntries(db.database, old, 1);
    expect(await first).toMatchObject({ id: old, state: 'COMPLETED', lastSequence: 3, deletedAt: null });
    await db.database.transaction(async (client) => {
      for (const to of ['RUNNING', 'COMPLETING', 'COMPLETED'] as const) {
        const job = await lockJob(client, db.database.em(), old);
        if (job) await setJobState(client, job, { to, by: 'test' });
      }
    });
    expect(await next(changes)).toMatchObject({ id: old, state: 'COMPLETED', lastSequence: 6 });
    await pool.query('update jobs set deleted_at = now(), settled_at = now() where id = $1', [old]);
    expect(await next(changes)).toMatchObject({ id: old, deletedAt: expect.any(Date) });
    await changes.return?.();
  });

  test('a filter lets through what it names', async () => {
    const follower = makeViewer();
    const jobId = await insertRunningJob(db.database, follower);
    const ended = feed.changes(follower, { ...everyJob, states: ['COMPLETED', 'FAILED'], types: ['echo'] });
    const other = feed.changes(follower, { ...everyJob, types: ['transactions'] });
    const [first, never] = [next(ended), other.next()];
    await waitFor(() => feed.size === 1);
    await appendEntries(db.database, jobId, 2);
    await completeJob(db.database, jobId);
    expect(await first).toMatchObject({ id: jobId, state: 'COMPLETED' });
    await Promise.all([ended.return?.(), other.return?.()]);
    expect(await never).toEqual({ done: true, value: undefined });
  });
});

describe('exportProgress', () => {
  async function insertExport(follower: Viewer, state: ExportState = 'PENDING'): Promise<string> {
    const [id, jobId] = [newId(), await insertRunningJob(db.database, follower)];
    const { projectId } = follower;
    await db.database.em().insert(ExportEntity, { id, jobId, projectId, format: 'CSV', content: 'ITEMS', state });
    return id;
  }
  const set = (id: string, change: string) =>
    db.database.pool.query(`update exports set ${change} where id = $1`, [id]);

  test('gives the export now, then each change that the reader is ready for, and ends with its end', async () => {
    const id = await insertExport(viewer);
    const progress = feed.exportProgress(viewer, id);
    expect(await next(progress)).toMatchObject({ id, state: 'PENDING', percent: 0 });
    await set(id, `state = 'RUNNING', percent = 40`);
    expect(await next(progress)).toMatchObject({ state: 'RUNNING', percent: 40 });
    await set(id, `state = 'COMPLETED', percent = 100, file_name = 'a.csv'`);
    expect(await next(progress)).toMatchObject({ state: 'COMPLETED', percent: 100, fileName: 'a.csv' });
    expect(await progress.next()).toEqual({ done: true, value: undefined });
  });

  test.each(['COMPLETED', 'FAILED', 'EXPIRED'] as const)('of an export that is %s gives it once', async (state) => {
    const id = await insertExport(viewer, state);
    expect((await Array.fromAsync(feed.exportProgress(viewer, id))).map((each) => each.state)).toEqual([state]);
  });

  test('asks the database once for all who follow, and knows nothing that they do not', async () => {
    const id = await insertExport(viewer);
    const readers = Array.from({ length: 20 }, () => feed.exportProgress(viewer, id));
    const first = await Promise.all(readers.map(next));
    expect(new Set(first).size).toBe(1);
    expect(feed.size).toBe(1);
    for (const reader of readers) await reader.return?.();
  });

  test('ends with an error when the export is deleted, and is refused to a stranger', async () => {
    const id = await insertExport(viewer);
    await expect(feed.exportProgress(makeViewer(), id).next()).rejects.toThrow(NotFoundError);
    await expect(feed.exportProgress(viewer, newId()).next()).rejects.toThrow(NotFoundError);
    await expect(feed.exportProgress(viewer, 'none').next()).rejects.toThrow(NotFoundError);
    const progress = feed.exportProgress(viewer, id);
    await next(progress);
    await db.database.pool.query('delete from exports where id = $1', [id]);
    await expect(progress.next()).rejects.toThrow(NotFoundError);
  });
});

test('closing the feed tells those who still read', async () => {
  const jobId = await insertRunningJob(db.database, viewer);
  const outcome = feed.events(viewer, jobId, 0).next().catch(String);
  await waitFor(() => feed.size === 1);
  await feed.close();
  expect(await outcome).toContain('shutting down');
});
