import { afterAll, beforeAll, expect, test } from 'vitest';
import { toGlobalId } from '../../schema/global-id.ts';
import type { Viewer } from '../../src/jobs/commands.ts';
import { createSubmitJob } from '../../src/jobs/submit-job.ts';
import { createLocalDiskStorage } from '../../src/storage/local-disk.ts';
import { echoCommand } from '../support/engine.ts';
import { createTestProject } from '../support/project.ts';
import { testSecret } from '../support/secret.ts';
import { createContext, execute, query } from '../support/graphql-context.ts';
import { createTestReader, type TestReader } from '../support/reader.ts';
import { seedJob } from '../support/seed-job.ts';

let reader: TestReader;

const titles = ['A', 'B', 'C', 'D', 'E'];

beforeAll(async () => {
  reader = await createTestReader();
  for (const title of titles) {
    const state = title === 'C' ? 'PENDING' : 'RUNNING';
    const id = await seedJob(reader.database, reader.viewer, { state, title, total: 10, ended: 0, chunkSize: 5 });
    // Jobs of one millisecond have no order: these are told apart.
    await reader.database.pool.query('update jobs set id = $2 where id = $1', [
      id,
      `018f0000-0000-7000-8000-00000000000${titles.indexOf(title)}`,
    ]);
  }
});

afterAll(() => reader.close());

interface Answer {
  jobs: {
    nodes: { title: string }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
  };
}

async function list(
  variables: object,
): Promise<{ titles: string; next: boolean; previous: boolean; start: string; end: string }> {
  const source = `query ($filter: JobFilterInput, $orderBy: JobOrderInput, $first: Int, $after: String, $last: Int, $before: String) {
    jobs(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
      nodes { title } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
  const { jobs } = (await query(reader.context, source, { ...variables })) as Answer; // The query above answers it.
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = jobs.pageInfo;
  return {
    titles: jobs.nodes.map(({ title }) => title).join(''),
    next: hasNextPage,
    previous: hasPreviousPage,
    start: startCursor,
    end: endCursor,
  };
}

test('jobs are listed newest first, forward and backward', async () => {
  const first = await list({ first: 2 });
  expect(first).toMatchObject({ titles: 'ED', next: true, previous: false });
  const second = await list({ first: 2, after: first.end });
  expect(second).toMatchObject({ titles: 'CB', next: true, previous: true });
  expect(await list({ first: 2, after: second.end })).toMatchObject({ titles: 'A', next: false, previous: true });
  expect(await list({ last: 2, before: second.end })).toMatchObject({ titles: 'DC', next: true, previous: true });
  expect(await list({ last: 2 })).toMatchObject({ titles: 'BA', next: false, previous: true });
  expect(await list({ first: 5, after: first.start, before: second.end })).toMatchObject({
    titles: 'DC',
    next: false,
    previous: true,
  });
});

test('jobs can be listed oldest first', async () => {
  const orderBy = { direction: 'ASC' };
  const first = await list({ orderBy, first: 3 });
  expect(first).toMatchObject({ titles: 'ABC', next: true });
  expect(await list({ orderBy, first: 3, after: first.end })).toMatchObject({ titles: 'DE', next: false });
});

test('jobs can be filtered by state and type', async () => {
  expect(await list({ filter: { states: ['PENDING'] } })).toMatchObject({ titles: 'C' });
  expect(await list({ filter: { types: ['TRANSACTIONS'], states: ['RUNNING', 'PENDING'] } })).toMatchObject({
    titles: 'EDCBA',
  });
  expect(await list({ filter: { types: ['ECHO'] } })).toMatchObject({ titles: '', next: false, start: null });
});

test('jobs can be filtered by title, time and metadata', async () => {
  const { pool } = reader.database;
  await pool.query(`update jobs set metadata = '{"team": "sales", "tags": ["x", "y"]}' where title in ('A', 'D')`);
  // The times that their ids bear, nearly.
  const ago = (hours: number) => new Date(0x018f_0000_0000 - hours * 3_600_000).toISOString();
  const [second, third] = [ago(4), ago(3)];
  await pool.query(`update jobs set created_at = $1 where title in ('A', 'B')`, [ago(5)]);
  await pool.query(`update jobs set created_at = $1 where title = 'C'`, [second]);
  const found = async (filter: object) => (await list({ filter })).titles;
  expect(await found({ title: 'b' })).toBe('B');
  expect(await found({ title: '%' })).toBe('');
  expect(await found({ createdTo: second })).toBe('BA');
  expect(await found({ createdFrom: second, createdTo: third })).toBe('C');
  expect(await found({ metadata: { team: 'sales', tags: ['y'] } })).toBe('DA');
  expect(await found({ metadata: { team: 'sales' }, title: 'a', createdTo: third })).toBe('A');
  expect(await found({ metadata: { tags: ['z'] } })).toBe('');
  await expect(list({ filter: { title: '\0' } })).rejects.toThrow('NUL');
  await expect(list({ filter: { metadata: [] } })).rejects.toThrow('filter.metadata must be an object');
});

test.each(['UPDATED_AT', 'PERCENT_COMPLETE'])('jobs can be ordered by %s, whole pages at a time', async (field) => {
  const { pool } = reader.database;
  // B and D are equal in both: their ids decide.
  const shares = { A: 3, B: 7, C: 1, D: 7, E: 9 };
  for (const [title, share] of Object.entries(shares)) {
    await pool.query(
      `update jobs set succeeded = $2::int, pending = total - $2::int,
         updated_at = timestamptz '2026-01-01T00:00:00.000001Z' + $2::int * interval '1 microsecond' where title = $1`,
      [title, share],
    );
  }
  for (const [direction, order] of [
    ['ASC', 'CABDE'],
    ['DESC', 'EDBAC'],
  ] as const) {
    const orderBy = { field, direction };
    const first = await list({ orderBy, first: 2 });
    expect(first).toMatchObject({ titles: order.slice(0, 2), next: true, previous: false });
    const second = await list({ orderBy, first: 2, after: first.end });
    expect(second).toMatchObject({ titles: order.slice(2, 4), next: true, previous: true });
    expect(await list({ orderBy, first: 2, after: second.end })).toMatchObject({ titles: order.slice(4), next: false });
    expect(await list({ orderBy, last: 2, before: second.end })).toMatchObject({ titles: order.slice(1, 3) });
    await expect(list({ after: first.end })).rejects.toThrow('is no cursor of this connection');
  }
});

test('a project sees only its own jobs', async () => {
  expect(await query(reader.stranger, '{ jobs { nodes { id } } transactions { nodes { id } } }')).toEqual({
    jobs: { nodes: [] },
    transactions: { nodes: [] },
  });
});

test('a list takes first or last, not both', async () => {
  const { errors } = await execute(reader.context, '{ jobs(first: 1, last: 1) { nodes { id } } }');
  expect(errors?.map(({ message }) => message)).toEqual(['Give first or last, not both.']);
});

test('stages and chunks of a page of jobs take one query each', async () => {
  const calls: string[] = [];
  const { reads } = reader.context.services;
  const counting = createContext(reader.database, reader.viewer, {
    reads: {
      ...reads,
      listStages: (ids) => (calls.push(`stages of ${ids.length}`), reads.listStages(ids)),
      countChunks: (ids) => (calls.push(`chunks of ${ids.length}`), reads.countChunks(ids)),
    },
  });
  await query(
    counting,
    '{ jobs { nodes { message progress { percent } pollAfterMs nextSteps stages { name } chunkProgress { total } } } }',
  );
  expect(calls.sort()).toEqual(['chunks of 5', 'stages of 5']);
});

test('the viewer is the project and the key', async () => {
  expect(await query(reader.context, '{ viewer { project { name } apiKey { name prefix } } }')).toEqual({
    viewer: {
      project: { name: reader.viewer.projectName },
      apiKey: { name: 'test', prefix: expect.stringMatching(/./) },
    },
  });
});

test('everybody finds the jobs that they submitted, and everybody sees who did', async () => {
  const { database } = reader;
  const project = await createTestProject(database);
  const ada: Viewer = { ...project, caller: { kind: 'USER', id: 'ada', name: 'Ada Lovelace' } };
  const renamed: Viewer = { ...project, caller: { kind: 'USER', id: 'ada', name: 'Ada King' } };
  const noWorkflow = async () => undefined;
  const { submitJob: submit } = createSubmitJob({
    database,
    storage: createLocalDiskStorage('/nowhere'),
    destinations: { checkDestination: async () => undefined },
    workflows: { wakeJob: noWorkflow, startExport: noWorkflow, startPurge: noWorkflow },
    quotas: { spend: async () => null },
    templates: {
      freeze: async (_, __, options) => ({ options, held: null }),
      resolve: async (_, __, options) => options,
    },
    estimateJob: () => Promise.reject(new Error('Nobody asked for an estimate.')),
    config: { secret: testSecret },
  });
  for (const [by, title] of [
    [project, 'by key'],
    [ada, 'by Ada'],
  ] as const) {
    await submit(by, { ...echoCommand, title, source: { kind: 'inline', items: [{ value: 'x' }] } });
  }
  const listOf = async (by: Viewer, filter: object) =>
    await query(
      createContext(database, by),
      'query ($filter: JobFilterInput) { jobs(filter: $filter) { nodes { title createdBy { kind id name } } } }',
      { filter },
    );
  const byKey = {
    title: 'by key',
    createdBy: { kind: 'API_KEY', id: toGlobalId('ApiKey', project.caller.id), name: 'test' },
  };
  const byAda = { title: 'by Ada', createdBy: { kind: 'USER', id: 'ada', name: 'Ada Lovelace' } };
  expect(await listOf(project, {})).toEqual({ jobs: { nodes: [byAda, byKey] } });
  expect(await listOf(project, { mine: true })).toEqual({ jobs: { nodes: [byKey] } });
  expect(await listOf(renamed, { mine: true })).toEqual({ jobs: { nodes: [byAda] } });
  expect(await listOf(renamed, { mine: false })).toEqual({ jobs: { nodes: [byAda, byKey] } });
  const other: Viewer = { ...project, caller: { kind: 'API_KEY', id: 'ada', name: 'Ada Lovelace' } };
  expect(await listOf(other, { mine: true })).toEqual({ jobs: { nodes: [] } });
});
