import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Context } from '../../schema/context.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { createTestProject } from '../support/project.ts';
import { createContext, query } from '../support/graphql-context.ts';
import { seedJob } from '../support/seed-job.ts';

let engine: TestEngine;
let context: Context;
let stranger: Context;

beforeAll(async () => {
  engine = await createTestEngine();
  const { database, exports, uploads } = engine.services;
  context = createContext(database, engine.viewer, { exports, uploads });
  stranger = createContext(database, await createTestProject(database), { exports, uploads });
});
afterAll(() => engine.close());

interface Answer {
  [connection: string]: { nodes: { name: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
}

async function list(connection: string, name: string, after: string | null, by = context) {
  const source = `query ($after: String) { ${connection}(first: 2, after: $after) {
    nodes { name: ${name} } pageInfo { hasNextPage endCursor } } }`;
  const page = ((await query(by, source, { after })) as Answer)[connection]; // The query above answers it.
  return {
    names: page?.nodes.map((node) => node.name),
    more: page?.pageInfo.hasNextPage,
    end: page?.pageInfo.endCursor,
  };
}

test('uploads of the project are listed newest first, page by page', async () => {
  const { uploads } = engine.services;
  for (const fileName of ['a.csv', 'b.csv', 'c.csv']) await uploads.createUpload(engine.viewer, { fileName });
  const first = await list('uploads', 'fileName', null);
  expect(first).toMatchObject({ names: ['c.csv', 'b.csv'], more: true });
  expect(await list('uploads', 'fileName', first.end ?? null)).toMatchObject({ names: ['a.csv'], more: false });
  expect(await list('uploads', 'fileName', null, stranger)).toMatchObject({ names: [], more: false });
});

test('exports of all jobs are listed newest first, but for those of deleted jobs', async () => {
  const { database, exports } = engine.services;
  const seed = { state: 'COMPLETED', total: 10, ended: 10, chunkSize: 5 } as const;
  const [one, other] = [await seedJob(database, engine.viewer, seed), await seedJob(database, engine.viewer, seed)];
  for (const [jobId, format] of [
    [one, 'CSV'],
    [other, 'JSON'],
    [one, 'JSONL'],
    [one, 'ZIP'],
  ] as const) {
    await exports.createExport(engine.viewer, { jobId, format, content: 'ITEMS' });
  }
  const first = await list('exports', 'format', null);
  expect(first).toMatchObject({ names: ['ZIP', 'JSONL'], more: true });
  expect(await list('exports', 'format', first.end ?? null)).toMatchObject({ names: ['JSON', 'CSV'], more: false });
  await database.pool.query(`update exports set state = 'EXPIRED' where format in ('CSV', 'ZIP')`);
  const filtered = await query(context, '{ exports(filter: { states: [EXPIRED] }) { nodes { format } } }');
  expect(filtered).toEqual({ exports: { nodes: [{ format: 'ZIP' }, { format: 'CSV' }] } });
  await database.pool.query('update jobs set deleted_at = now() where id = $1', [one]);
  expect(await list('exports', 'format', null)).toMatchObject({ names: ['JSON'], more: false });
  expect(await list('exports', 'format', null, stranger)).toMatchObject({ names: [], more: false });
});
