import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { getUuid } from '../../schema/global-id.ts';
import { purgeJobs } from '../../src/activities/purge-jobs.ts';
import { itemFilesKey } from '../../src/item-files/item-file-key.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import type { BucketLocation } from '../../src/storage/storage-location.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { s3Keys, startTestS3, type ObjectStore } from '../support/object-stores.ts';
import { waitFor } from '../support/wait-for.ts';

let s3: ObjectStore | null;

beforeAll(async () => {
  s3 = await startTestS3();
  await s3?.createBucket('files');
  // As the SDK reads them itself.
  vi.stubEnv('AWS_ACCESS_KEY_ID', s3Keys.owner.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', s3Keys.owner.secretAccessKey);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await s3?.stop();
});
beforeEach((context) => {
  if (s3 === null) context.skip('There is no S3 server for this machine.');
});

const header = 'reference,account,amount,currency,occurredAt,description\n';
const rows = Array.from(
  { length: 1_200 },
  (_, index) => `bucket-${index},ACC-1,0.1,EUR,2026-01-02T03:04:05Z,"Row ""${index}"""\n`,
);

/** A job over an uploaded file, whose export is in the bucket when it has ended. */
async function runJob(
  api: TestApi,
): Promise<{ downloadUrl: string; sha256: string; byteSize: string; fileName: string }> {
  const { client } = api;
  const uploadId = await api.upload('bucket.csv', header + rows.join(''));
  const { submitJob } = await client.query<{ submitJob: { job: { id: string } } }>(
    `mutation ($upload: ID!) { submitJob(input: { title: "Bucket", spec: { transactions: {} },
       source: { upload: { uploadId: $upload } }, exports: [{ format: CSV }] }) { ... on SubmitJobPayload { job { id } } } }`,
    { upload: uploadId },
  );
  await api.follow(submitJob.job.id);
  const { job } = await client.query<{
    job: {
      state: string;
      progress: { succeeded: string };
      exports: { downloadUrl: string; sha256: string; byteSize: string; fileName: string }[];
    };
  }>(
    'query ($id: ID!) { job(id: $id) { state progress { succeeded } exports { downloadUrl sha256 byteSize fileName } } }',
    { id: submitJob.job.id },
  );
  expect([job.state, job.progress.succeeded]).toEqual(['COMPLETED', '1200']);
  const [written] = job.exports;
  if (!written) throw new Error('The export is missing.');
  return written;
}

function location(prefix: string, downloads: 'DIRECT' | 'SERVER'): BucketLocation {
  return { kind: 'S3', bucket: 'files', prefix, region: null, endpoint: s3?.endpoint ?? null, downloads };
}

const hashOf = async (response: Response) =>
  createHash('sha256')
    .update(Buffer.from(await response.arrayBuffer()))
    .digest('hex');

test('while the bucket does not answer, clients are asked to try again', async () => {
  const endpoint = `http://127.0.0.1:${await pickPort(0)}`;
  const storageLocation = { ...location('', 'SERVER'), endpoint };
  const api = await startTestApi(undefined, {}, { storageLocation });
  const upload = await api.engine.services.uploads.createUpload(api.engine.viewer, { fileName: 'a.csv' });
  const answer = await api.fetchLink(api.engine.services.uploads.uploadUrl(upload), { method: 'PUT', body: 'a' });
  expect([answer.status, await answer.json()]).toEqual([
    503,
    {
      errors: [
        {
          message: 'The storage of files cannot be reached in this moment. Try again.',
          extensions: { code: 'UNAVAILABLE', requestId: expect.any(String), retryAfterMs: 1_000 },
        },
      ],
    },
  ]);
  await api.close();
});

describe.each(['DIRECT', 'SERVER'] as const)('with files in a bucket and downloads %s', (downloads) => {
  let api: TestApi;

  beforeAll(async () => {
    if (s3 === null) return;
    api = await startTestApi(undefined, {}, { storageLocation: location(`${downloads.toLowerCase()}/`, downloads) });
    await api.engine.startWorker();
  });
  afterAll(async () => {
    await api?.close();
  });

  test('an upload goes on behind what came of it before', async () => {
    const { uploads } = api.engine.services;
    const upload = await uploads.createUpload(api.engine.viewer, { fileName: 'a.txt' });
    const link = uploads.uploadUrl(upload);
    const content = Buffer.alloc(9 * 2 ** 20, 'abcdefg');
    const send = (start: number, end: number) =>
      api.fetchLink(link, {
        method: 'PUT',
        headers: { 'content-range': `bytes ${start}-${end - 1}/${content.length}` },
        body: new Uint8Array(content.subarray(start, end)),
      });
    const [part, all] = [8 * 2 ** 20 + 5, content.length];
    expect((await send(0, part)).status).toBe(308);
    expect((await api.fetchLink(link, { method: 'HEAD' })).headers.get('upload-offset')).toBe(String(part));
    const whole = await send(part, all);
    expect([whole.status, await whole.json()]).toEqual([
      201,
      { id: upload.id, byteSize: all, sha256: createHash('sha256').update(content).digest('hex') },
    ]);
  });

  test('files of items are kept there, and go with their job', async () => {
    const { client, engine } = api;
    const { submitJob } = await client.query<{ submitJob: { job: { id: string } } }>(
      `mutation { submitJob(input: { title: "Files", spec: { echo: { files: { byteSize: 12 } } },
         source: { inline: { items: [{ value: "abc" }] } } }) { ... on SubmitJobPayload { job { id } } } }`,
    );
    await api.follow(submitJob.job.id);
    const { job } = await client.query<{ job: { items: { nodes: { files: { url: string }[] }[] } } }>(
      'query ($id: ID!) { job(id: $id) { items { nodes { files { url } } } } }',
      { id: submitJob.job.id },
    );
    const [url = ''] = job.items.nodes.flatMap(({ files }) => files.map((file) => file.url));
    expect(await (await api.fetchLink(url)).text()).toBe('abc\nabc\nabc\n');
    const { database, storage } = engine.services;
    const listed = async () => (await storage.list(itemFilesKey(getUuid('Job', submitJob.job.id)))).files.length;
    expect(await listed()).toBe(1);
    const { deleteJob } = await client.query<{ deleteJob: { __typename: string } }>(
      'mutation ($id: ID!) { deleteJob(input: { jobId: $id }) { __typename } }',
      { id: submitJob.job.id },
    );
    expect(deleteJob.__typename).toBe('DeleteJobPayload');
    expect((await api.fetchLink(url)).status).toBe(404);
    await database.pool.query("update jobs set purge_at = now() - interval '1 minute' where purge_at is not null");
    await waitFor(async () => (await purgeJobs(engine.services)) && (await listed()) === 0, {
      description: 'the files to go with their job',
    });
  });

  test('a job reads its upload, and its export can be had whole, in parts, and only while it changed', async () => {
    const written = await runJob(api);
    const link = written.downloadUrl;
    const first = await api.fetchLink(link, { redirect: 'manual' });
    expect(first.status).toBe(downloads === 'DIRECT' ? 307 : 200);
    await first.body?.cancel();
    const whole = await api.fetchLink(link);
    expect(whole.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(whole.headers.get('content-disposition')).toContain(written.fileName);
    expect([await hashOf(whole), whole.headers.get('content-length')]).toEqual([written.sha256, written.byteSize]);
    const all = Buffer.from(await (await api.fetchLink(link)).arrayBuffer());
    const part = await api.fetchLink(link, { headers: { range: 'bytes=100-199' } });
    expect([part.status, part.headers.get('content-range'), await part.text()]).toEqual([
      206,
      `bytes 100-199/${written.byteSize}`,
      all.subarray(100, 200).toString(),
    ]);
    // A client that goes on does so with the tag that it got, here or from the bucket.
    for (const tag of [whole.headers.get('etag') ?? '', `"${written.sha256}"`]) {
      const rest = await api.fetchLink(link, { headers: { range: 'bytes=100-', 'if-range': tag } });
      expect([rest.status, await rest.text()]).toEqual([206, all.subarray(100).toString()]);
      const copy = await api.fetchLink(link, { headers: { 'if-none-match': tag } });
      expect(copy.status).toBe(304);
    }
    const head = await api.fetchLink(link, { method: 'HEAD' });
    expect([head.status, head.headers.get('etag'), head.headers.get('content-length')]).toEqual([
      200,
      `"${written.sha256}"`,
      written.byteSize,
    ]);
    const behind = await api.fetchLink(link, { headers: { range: 'bytes=99999999-' } });
    expect(behind.status).toBe(416);
  });
});
