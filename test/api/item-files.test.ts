import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';
import { readZip } from '../support/read-zip.ts';
import { waitFor } from '../support/wait-for.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
  await api.engine.startWorker({}, { DEFAULT: 4, ENCODE: 1 });
});
afterAll(() => api.close());

interface File {
  name: string;
  fileName: string;
  mediaType: string;
  byteSize: string;
  sha256: string;
  url: string;
  expiresAt: string;
  media: null;
}

async function submit(
  options: Record<string, unknown>,
  values: string[],
  more: Record<string, unknown> = {},
): Promise<string> {
  const { submitJob } = await api.client.query<{ submitJob: { job: { id: string } } }>(
    `mutation ($input: SubmitJobInput!) { submitJob(input: $input) { ... on SubmitJobPayload { job { id } } ... on Error { message } } }`,
    {
      input: {
        title: 'Files',
        spec: { echo: options },
        source: { inline: { items: values.map((value) => ({ value })) } },
        ...more,
      },
    },
  );
  return submitJob.job.id;
}

async function readFiles(jobId: string): Promise<File[][]> {
  const { job } = await api.client.query<{ job: { items: { nodes: { files: File[] }[] } } }>(
    `query ($id: ID!) { job(id: $id) { items(first: 100) { nodes {
       files { name fileName mediaType byteSize sha256 url expiresAt media { container } }
     } } } }`,
    { id: jobId },
  );
  return job.items.nodes.map(({ files }) => files);
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the files of a job', () => {
  let jobId: string;
  let files: File[];

  beforeAll(async () => {
    jobId = await submit({ files: { byteSize: 12 } }, ['abc', 'def'], { exports: [{ format: 'ZIP' }] });
    await api.follow(jobId);
    files = (await readFiles(jobId)).flat();
  });

  test('are told of with their items', () => {
    expect(
      files.map(({ url, expiresAt, ...rest }) => ({ ...rest, hasLink: url.includes('/files/'), at: typeof expiresAt })),
    ).toEqual(
      [
        ['0', 'abc\nabc\nabc\n'],
        ['1', 'def\ndef\ndef\n'],
      ].map(([key, text]) => ({
        name: 'text',
        fileName: `${key}.txt`,
        mediaType: 'text/plain; charset=utf-8',
        byteSize: String(Buffer.byteLength(text ?? '')),
        sha256: sha256(text ?? ''),
        media: null,
        hasLink: true,
        at: 'string',
      })),
    );
  });

  test('are downloaded by their links, whole, in part, or not again', async () => {
    const [file] = files;
    const whole = await api.fetchLink(file?.url ?? '');
    expect([whole.status, await whole.text()]).toEqual([200, 'abc\nabc\nabc\n']);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      etag: `"${file?.sha256}"`,
      'accept-ranges': 'bytes',
      'content-length': '12',
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': `attachment; filename="0.txt"; filename*=UTF-8''0.txt`,
    });
    const part = await api.fetchLink(file?.url ?? '', { headers: { range: 'bytes=4-6' } });
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, 'abc', 'bytes 4-6/12']);
    const again = await api.fetchLink(file?.url ?? '', { headers: { 'if-none-match': `"${file?.sha256}"` } });
    expect(again.status).toBe(304);
    const forged = await api.fetchLink(file?.url.replace('signature=', 'signature=x') ?? '');
    expect(forged.status).toBe(404);
    const written = await api.fetchLink(file?.url ?? '', { method: 'PUT', body: 'x' });
    expect(written.status).toBe(405);
  });

  test('lie in a ZIP export under plain names, beside the manifest that lists them', async () => {
    const { job } = await api.client.query<{ job: { exports: { downloadUrl: string }[] } }>(
      'query ($id: ID!) { job(id: $id) { exports { downloadUrl } } }',
      { id: jobId },
    );
    const response = await api.fetchLink(job.exports[0]?.downloadUrl ?? '');
    const entries = await readZip(Buffer.from(await response.arrayBuffer()));
    expect([...entries.keys()]).toEqual([
      'items.jsonl',
      'items.csv',
      'files/0-0.txt',
      'files/1-1.txt',
      'manifest.json',
    ]);
    expect(entries.get('files/1-1.txt')?.toString()).toBe('def\ndef\ndef\n');
    const manifest = JSON.parse(entries.get('manifest.json')?.toString() ?? '') as { files: unknown[] };
    expect(manifest.files[2]).toEqual({ name: 'files/0-0.txt', sha256: files[0]?.sha256, byteSize: 12, item: 0 });
  });

  test('are nobody else’s', async () => {
    const answer = await api.stranger.send('query ($id: ID!) { job(id: $id) { items { nodes { files { url } } } } }', {
      id: jobId,
    });
    expect(answer.data).toEqual({ job: null });
  });

  test('are gone with their job, though a link has not expired', async () => {
    const id = await submit({ files: { byteSize: 1 } }, ['a']);
    await api.follow(id);
    const [file] = (await readFiles(id)).flat();
    await api.client.query('mutation ($id: ID!) { deleteJob(input: { jobId: $id }) { __typename } }', { id });
    expect((await api.fetchLink(file?.url ?? '')).status).toBe(404);
  });
});

describe('a slow item', () => {
  test('is told of while a worker is at it, and no more when the job is over', async () => {
    const id = await submit({ delayMs: 4_000, files: { byteSize: 1 } }, ['a']);
    const running = () =>
      api.client.query<{ job: { runningItems: { percent: number }[]; items: { nodes: { state: string }[] } } }>(
        'query ($id: ID!) { job(id: $id) { runningItems { index key stage percent step } items { nodes { state } } } }',
        { id },
      );
    const seen = await waitFor(async () => {
      const { job } = await running();
      return (job.runningItems[0]?.percent ?? 0) > 0 && job;
    });
    expect(seen).toEqual({
      runningItems: [
        {
          index: '0',
          key: '0',
          stage: 'DRAFT',
          percent: expect.any(Number) as number,
          step: expect.stringMatching(/^Part [2-5] of 5$/) as string,
        },
      ],
      items: { nodes: [{ state: 'RUNNING' }] },
    });
    const entries = await api.follow(id);
    expect(entries.some(({ __typename }) => __typename === 'ItemProgressed')).toBe(true);
    expect((await running()).job).toEqual({ runningItems: [], items: { nodes: [{ state: 'SUCCEEDED' }] } });
  });
});

describe('a job that needs a certain kind of worker', () => {
  test('runs where there is one', async () => {
    const id = await submit({ files: { byteSize: 1, worker: 'ENCODE' } }, ['a', 'b', 'c']);
    const entries = await api.follow(id);
    expect(entries.at(-1)?.__typename).toBe('JobStateChanged');
    expect((await readFiles(id)).flat()).toHaveLength(3);
  });

  test('can be paused and canceled while there is none', async () => {
    const id = await submit({ files: { byteSize: 1, worker: 'ENCODE_4K' } }, ['a', 'b', 'c']);
    const reach = (state: string) =>
      waitFor(
        async () => {
          const { job } = await api.client.query<{ job: { state: string } }>(
            'query ($id: ID!) { job(id: $id) { state } }',
            { id },
          );
          return job.state === state;
        },
        { description: state },
      );
    await waitFor(async () => {
      const { job } = await api.client.query<{ job: { stages: { name: string; state: string }[] } }>(
        'query ($id: ID!) { job(id: $id) { stages { name state } } }',
        { id },
      );
      return job.stages.some(({ name, state }) => name === 'DRAFT' && state === 'RUNNING');
    });
    await api.client.query('mutation ($id: ID!) { pauseJob(input: { jobId: $id }) { __typename } }', { id });
    await reach('PAUSED');
    await api.client.query('mutation ($id: ID!) { resumeJob(input: { jobId: $id }) { __typename } }', { id });
    await reach('RUNNING');
    await api.client.query('mutation ($id: ID!) { cancelJob(input: { jobId: $id }) { __typename } }', { id });
    await reach('CANCELED');
  });
});
