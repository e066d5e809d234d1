import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import type { TestEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait-for.ts';

let api: TestApi;
let engine: TestEngine;
beforeAll(async () => {
  api = await startTestApi();
  engine = api.engine;
  await engine.startWorker();
});
afterAll(() => api.close());

interface Export {
  id: string;
  format: string;
  state: string;
  percent: number;
  columns: string[] | null;
  asOfSequence: string | null;
  downloadUrl: string | null;
}

const fields = 'id format state percent columns asOfSequence downloadUrl';

async function download(link: string | null): Promise<string> {
  return await (await api.fetchLink(link ?? '')).text();
}

const followed = `exportProgress(id: $id) { ${fields} }`;

/** Each value, up to the end that the server sets. */
async function followBySocket(id: string): Promise<Export[]> {
  const messages = api.client.subscribe<{ exportProgress: Export }>(`subscription ($id: ID!) { ${followed} }`, { id });
  return (await messages.all()).map(({ exportProgress }) => exportProgress);
}

async function followByEvents(id: string): Promise<Export[]> {
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${api.apiKey}`,
      accept: 'text/event-stream',
    },
    body: JSON.stringify({ query: `subscription ($id: ID!) { ${followed} }`, variables: { id } }),
  });
  const events = (await response.text()).split('\n\n').filter((event) => event.startsWith('event: '));
  expect(events.at(-1)).toContain('event: complete');
  return events.slice(0, -1).map((event) => {
    const { data } = JSON.parse(event.slice(event.indexOf('data: ') + 6)) as { data: { exportProgress: Export } }; // What the query asks for.
    return data.exportProgress;
  });
}

test('a job that has not ended is exported in several formats, followed over both transports to the end', async () => {
  const job = await engine.submit({ chunkSize: 10, options: { delayMs: 1_000 } }, 1_000);
  await waitFor(async () => (await engine.getJob(job.id)).total === 1_000);
  await engine.services.jobs.pauseJob(engine.viewer, job.id);
  const paused = await engine.reach(job.id, 'PAUSED');

  const { createExports } = await api.client.query<{ createExports: { exports: Export[] } }>(
    `mutation ($job: ID!) {
       createExports(input: { jobId: $job, exports: [{ format: JSONL }, { format: CSV, columns: ["key", "state"] }] }) {
         ... on CreateExportsPayload { exports { ${fields} } } } }`,
    { job: job.id },
  );
  const [lines, table] = createExports.exports;
  const [byLines, byTable] = await Promise.all([followBySocket(lines?.id ?? ''), followByEvents(table?.id ?? '')]);
  const [done, doneTable] = [byLines.at(-1), byTable.at(-1)];
  expect([done, doneTable]).toMatchObject([
    { format: 'JSONL', state: 'COMPLETED', percent: 100, columns: null },
    { format: 'CSV', state: 'COMPLETED', percent: 100, columns: ['key', 'state'] },
  ]);
  for (const values of [byLines, byTable]) {
    expect(values.slice(0, -1).every(({ state }) => state === 'PENDING' || state === 'RUNNING')).toBe(true);
  }
  expect(Number(done?.asOfSequence)).toBeGreaterThanOrEqual(paused.lastSequence);
  const states = (await download(done?.downloadUrl ?? null))
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { state: string }).state); // A line of our own format.
  expect(states).toHaveLength(paused.total);
  expect(states.filter((state) => state === 'PENDING')).toHaveLength(paused.pending);
  expect((await download(doneTable?.downloadUrl ?? null)).split('\n').slice(0, 1)).toEqual(['key,state']);
  expect((await engine.getJob(job.id)).state).toBe('PAUSED');
  await engine.services.jobs.cancelJob(engine.viewer, job.id);
});

test('an export that there is not is refused before the stream begins', async () => {
  await expect(followBySocket(crypto.randomUUID())).rejects.toThrow('There is no export');
});

test('a retry makes the exports that were asked for at submit again, and keeps those of the run before', async () => {
  const job = await engine.submit({
    options: { failureRate: 0.5 },
    exports: [
      { format: 'CSV', content: 'ITEMS', columns: ['key'], fileNamePrefix: 'mine' },
      { format: 'XLSX', content: 'ALL' },
    ],
  });
  const ended = (generation: number, count: number) =>
    waitFor(
      async () => {
        const now = await engine.getJob(job.id);
        const made = await engine.services.exports.listExports([job.id]);
        const isDone = now.generation === generation && now.state === 'COMPLETED' && made.length === count;
        return isDone && made.every(({ state }) => state === 'COMPLETED') && made;
      },
      { description: `${count} exports of generation ${generation}`, timeoutMs: 50_000 },
    );
  const first = await ended(0, 2);
  await engine.services.jobs.retryJob(engine.viewer, job.id);
  const second = await ended(1, 4);
  await engine.services.jobs.retryJob(engine.viewer, job.id);
  const third = await ended(2, 6);

  const requestsOf = (made: typeof first) =>
    made
      .map(({ format, content, columns, fileNamePrefix }) => ({ format, content, columns, fileNamePrefix }))
      .sort((a, b) => a.format.localeCompare(b.format));
  expect(second.slice(0, 2).map(({ id, sha256 }) => [id, sha256])).toEqual(first.map(({ id, sha256 }) => [id, sha256]));
  expect(requestsOf(second.slice(2))).toEqual(requestsOf(first));
  expect(requestsOf(third.slice(4))).toEqual(requestsOf(first));
  const { rows } = await engine.services.database.pool.query<{ sequence: string }>(
    `select sequence from job_events where job_id = $1 and type = 'JobRedriven' order by sequence`,
    [job.id],
  );
  const redriven = rows.map(({ sequence }) => Number(sequence));
  for (const { asOfSequence } of second.slice(2)) expect(asOfSequence).toBeGreaterThan(redriven[0] ?? Infinity);
  for (const { asOfSequence } of third.slice(4)) expect(asOfSequence).toBeGreaterThan(redriven[1] ?? Infinity);
});
