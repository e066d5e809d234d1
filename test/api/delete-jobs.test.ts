import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Context } from '../../schema/context.ts';
import { createDeleteJobs, type DeleteLimits } from '../../src/jobs/delete-jobs.ts';
import { seedReadingJob } from '../support/seed-reading-job.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestProject, type TestViewer } from '../support/project.ts';
import { createContext, query } from '../support/graphql-context.ts';
import { seedJob, type Seed } from '../support/seed-job.ts';

let db: TestDatabase;
let viewer: TestViewer;

beforeAll(async () => {
  db = await createTestDatabase();
  viewer = await createTestProject(db.database);
});
afterAll(() => db.close());

function contextOf(of: TestViewer, limits?: DeleteLimits): Context {
  const base = createContext(db.database, of);
  const deleteJobs = createDeleteJobs({ database: db.database, limits });
  return { ...base, services: { ...base.services, jobs: { ...base.services.jobs, deleteJobs } } };
}

const document = `mutation ($filter: JobFilterInput!) { deleteJobs(input: { filter: $filter }) {
  ... on DeleteJobsPayload { count hasMore } ... on Error { code message } } }`;

async function deleteJobs(context: Context, filter: object): Promise<unknown> {
  const { deleteJobs: answer } = (await query(context, document, { filter })) as { deleteJobs: unknown }; // As asked.
  return answer;
}

async function titles(of: TestViewer): Promise<string[]> {
  const answer = await query(contextOf(of), '{ jobs(first: 100) { nodes { title } } }');
  const { jobs } = answer as { jobs: { nodes: { title: string }[] } }; // As asked.
  return jobs.nodes.map(({ title }) => title).toSorted();
}

const seed = (of: TestViewer, title: string, state: Seed['state']) =>
  seedJob(db.database, of, { title, state, total: 10, ended: 10, chunkSize: 5 });

test('all ended jobs that match are invisible at once; those that run, and those of others, stay', async () => {
  const stranger = await createTestProject(db.database);
  await seed(stranger, 'old', 'COMPLETED');
  for (const state of ['COMPLETED', 'CANCELED', 'FAILED', 'RUNNING', 'PENDING'] as const)
    await seed(viewer, 'old', state);
  await seed(viewer, 'new', 'COMPLETED');
  expect(await deleteJobs(contextOf(viewer), { title: 'OLD' })).toEqual({ count: 3, hasMore: false });
  expect(await titles(viewer)).toEqual(['new', 'old', 'old']);
  expect(await deleteJobs(contextOf(viewer), { title: 'OLD' })).toEqual({ count: 0, hasMore: false });
  expect(await deleteJobs(contextOf(viewer), { states: ['RUNNING'] })).toEqual({ count: 0, hasMore: false });
  expect(await deleteJobs(contextOf(viewer), {})).toEqual({ count: 1, hasMore: false });
  expect(await titles(stranger)).toEqual(['old']);
});

test('their keys are free again, and the purge is told of them', async () => {
  const owner = await createTestProject(db.database);
  const id = await seedJob(db.database, owner, { state: 'FAILED', key: 'k', total: 10, ended: 10, chunkSize: 5 });
  await deleteJobs(contextOf(owner), { states: ['FAILED'] });
  const { rows } = await db.database.pool.query(
    `select key, purge_at - deleted_at > interval '59 s' as "purgedLater", settled_at is not null as "isTold" from jobs where id = $1`,
    [id],
  );
  expect(rows).toEqual([{ key: null, purgedLater: true, isTold: true }]);
});

test('a job whose items another one is reading stays, until they are read', async () => {
  const owner = await createTestProject(db.database);
  const jobId = await seed(owner, 'read', 'COMPLETED');
  const source = { kind: 'job', jobId, items: 'ALL', endedAt: new Date().toISOString() } as const;
  const reader = await seedReadingJob(db.database, { projectId: owner.projectId, source, title: 'reader' });
  expect(await deleteJobs(contextOf(owner), {})).toEqual({ count: 0, hasMore: false });
  await db.database.pool.query(`update stages set state = 'COMPLETED' where job_id = $1`, [reader]);
  expect(await deleteJobs(contextOf(owner), {})).toEqual({ count: 1, hasMore: false });
});

test('a job that somebody is about to read, or retries, at the moment is left alone', async () => {
  const owner = await createTestProject(db.database);
  const [held] = [await seed(owner, 'held', 'COMPLETED'), await seed(owner, 'free', 'COMPLETED')];
  await db.database.transaction(async (client) => {
    await client.query('select from jobs where id = $1 for share', [held]);
    expect(await deleteJobs(contextOf(owner), {})).toEqual({ count: 1, hasMore: false });
  });
  expect(await titles(owner)).toEqual(['held']);
});

test('one call takes a bounded number, in bounded batches, and says when to repeat it', async () => {
  const owner = await createTestProject(db.database);
  for (let count = 0; count < 7; count += 1) await seed(owner, 'old', 'COMPLETED');
  const context = contextOf(owner, { batch: 2, call: 5 });
  expect(await deleteJobs(context, {})).toEqual({ count: 5, hasMore: true });
  expect(await deleteJobs(context, {})).toEqual({ count: 2, hasMore: false });
});

test('a filter that cannot be meant deletes nothing', async () => {
  const owner = await createTestProject(db.database);
  await seed(owner, 'kept', 'COMPLETED');
  expect(await deleteJobs(contextOf(owner), { metadata: ['billing'] })).toEqual({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('filter.metadata must be an object'),
  });
  expect(await titles(owner)).toEqual(['kept']);
});
