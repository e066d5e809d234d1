import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema } from '../../schema/schema.ts';
import { findPip } from '../../src/embedded/fetch-from-pip.ts';
import { startTestApi, type TestApi } from '../support/api.ts';

const page = await readFile(new URL('../../docs/external-workers.md', import.meta.url), 'utf8');
const run = promisify(execFile);
let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  await api.engine.startWorker();
});
afterAll(() => api.close());

async function runExample(name: string, jobId: string): Promise<void> {
  const script = fileURLToPath(new URL(`../../docs/examples/${name}`, import.meta.url));
  const env = {
    ...process.env,
    LONGHAUL_URL: `${api.url}/graphql`,
    LONGHAUL_KEY: api.apiKey,
    PYTHONDONTWRITEBYTECODE: '1',
  };
  await run(await findPip(), [script, jobId], { env });
}

test('the job of docs/external-workers.md is driven and run to its end by the Python programs beside it', async () => {
  const [, submit = ''] = /```graphql\n(.*?)```/s.exec(page) ?? [];
  expect(validate(schema, parse(submit))).toEqual([]);
  const { submitJob } = await api.client.query<{ submitJob: { job: { id: string } } }>(submit);
  const { id } = submitJob.job;
  await Promise.all([
    runExample('drive_stage.py', id),
    runExample('chunk_worker.py', id),
    runExample('chunk_worker.py', id),
  ]);
  const { job } = await api.client.query<{ job: unknown }>(
    `query ($id: ID!) { job(id: $id) { state stages { name state completed metadata }
      items { nodes { key state ... on ExternalItem { output { data } } error { code field } } } } }`,
    { id },
  );
  expect(job).toEqual({
    state: 'COMPLETED',
    stages: [
      { name: 'INGEST', state: 'COMPLETED', completed: '2', metadata: {} },
      { name: 'CONTENT_FETCH', state: 'COMPLETED', completed: '3', metadata: { page: 'end', source: 'example' } },
      { name: 'COUNT_WORDS', state: 'COMPLETED', completed: '2', metadata: {} },
      { name: 'AGGREGATE', state: 'COMPLETED', completed: '1', metadata: {} },
    ],
    items: {
      nodes: [
        { key: 'opening', state: 'SUCCEEDED', output: { data: { words: 3 } }, error: null },
        { key: 'broken', state: 'FAILED', output: null, error: { code: 'MISSING_TEXT', field: 'text' } },
      ],
    },
  });
});
