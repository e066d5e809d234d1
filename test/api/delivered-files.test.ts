import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { getUuid } from '../../schema/global-id.ts';
import { cleanUp } from '../../src/activities/clean-up.ts';
import { purgeJobs } from '../../src/activities/purge-jobs.ts';
import { findDestinationId } from '../../src/destinations/destination-id.ts';
import { deliveryKey } from '../../src/item-files/delivery-key.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { connectDestination, gcsPlace, s3Place } from '../support/destinations.ts';
import { startTestGcs, startTestS3, type ObjectStore } from '../support/object-stores.ts';
import { readZip } from '../support/read-zip.ts';
import { startStoreFront, type StoreFront } from '../support/store-front.ts';
import { waitFor } from '../support/wait-for.ts';

let s3: ObjectStore | null;
let gcs: ObjectStore | null;
let front: StoreFront;
let api: TestApi;

beforeAll(async () => {
  [s3, gcs] = await Promise.all([startTestS3(), startTestGcs()]);
  if (s3 === null || gcs === null) return;
  await s3.createBucket('videos');
  await gcs.createBucket('videos');
  front = await startStoreFront(s3.endpoint);
  api = await startTestApi(undefined, {}, { gcsEndpoint: gcs.endpoint });
  await api.engine.startWorker();
});
afterAll(async () => {
  await api?.close();
  await front?.[Symbol.asyncDispose]();
  await s3?.stop();
  await gcs?.stop();
});
beforeEach((context) => {
  if (s3 === null || gcs === null) context.skip('There are no object stores for this machine.');
});

const places = {
  s3: () => s3Place('videos', front.endpoint),
  gcs: () => gcsPlace('videos'),
};

async function connect(name: string, place: keyof typeof places): Promise<{ id: string; storage: Storage }> {
  const id = await connectDestination(api.client, name, places[place]());
  const { destinations } = api.engine.services;
  return { id, storage: await destinations.openDestination(api.engine.viewer.projectId, id) };
}

/** A job of two items whose files lie at a destination, as those of a job that delivers there. */
async function deliver({ id: destinationId, storage: there }: { id: string; storage: Storage }) {
  const { submitJob } = await api.client.query<{ submitJob: { job: { id: string } } }>(
    `mutation { submitJob(input: { title: "Files", spec: { echo: { files: { byteSize: 12 } } },
       source: { inline: { items: [{ value: "abc" }, { value: "def" }] } } }) { ... on SubmitJobPayload { job { id } } } }`,
  );
  const { id } = submitJob.job;
  await api.follow(id);
  const jobId = getUuid('Job', id);
  const { storage: ours, itemFiles, database } = api.engine.services;
  const files = await itemFiles.listFiles([0, 1].map((index) => ({ jobId, index })));
  for (const file of files) {
    const key = deliveryKey(file);
    await there.put(key, await ours.get(file.key));
    await ours.delete(file.key);
    await database.pool.query('update item_files set destination_id = $3, key = $4 where job_id = $1 and id = $2', [
      jobId,
      file.id,
      findDestinationId(destinationId),
      key,
    ]);
  }
  return { id, jobId, files: files.map((file) => ({ id: file.id, key: deliveryKey(file) })) };
}

async function exportZip(jobId: string) {
  const { createExport } = await api.client.query<{ createExport: { export: { id: string } } }>(
    `mutation ($id: ID!) { createExport(input: { jobId: $id, format: ZIP }) { ... on CreateExportPayload { export { id } } } }`,
    { id: jobId },
  );
  return await waitFor(async () => {
    const { node } = await api.client.query<{ node: Exported }>(
      'query ($id: ID!) { node(id: $id) { ... on Export { state error downloadUrl } } }',
      { id: createExport.export.id },
    );
    return ['COMPLETED', 'FAILED'].includes(node.state) && node;
  });
}

interface Exported {
  state: string;
  error: string | null;
  downloadUrl: string | null;
}

async function readLinks(jobId: string): Promise<string[]> {
  const { job } = await api.client.query<{ job: { items: { nodes: { files: { url: string }[] }[] } } | null }>(
    'query ($id: ID!) { job(id: $id) { items { nodes { files { url } } } } }',
    { id: jobId },
  );
  return job?.items.nodes.flatMap(({ files }) => files.map(({ url }) => url)) ?? [];
}

/** What a link is answered that leads nowhere. */
async function readRefusal(link = ''): Promise<[number, string]> {
  const answer = await api.fetchLink(link);
  const { errors } = (await answer.json()) as { errors: { message: string }[] };
  return [answer.status, errors[0]?.message ?? ''];
}

async function disconnect(destinationId: string): Promise<void> {
  await api.client.query(
    'mutation ($id: ID!) { disconnectDestination(input: { destinationId: $id }) { __typename } }',
    { id: destinationId },
  );
}

async function countRows(jobId: string): Promise<number | null> {
  const { pool } = api.engine.services.database;
  return (await pool.query('select from item_files where job_id = $1', [jobId])).rowCount;
}

/** A deleted job whose time has come; the worker may be quicker. */
async function purge(jobId: string): Promise<void> {
  await api.engine.services.database.pool.query('update jobs set purge_at = now() where id = $1', [jobId]);
  await waitFor(async () => (await purgeJobs(api.engine.services)) && (await countRows(jobId)) === 0);
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const noFiles = 'An export of another format needs no files.';

describe.each([
  ['S3', 's3'],
  ['Google Cloud Storage', 'gcs'],
] as const)('the files of a job that were delivered to %s', (name, place) => {
  test('are packed with its results', async () => {
    const { id } = await deliver(await connect(`${name}, packed`, place));
    const zipped = await exportZip(id);
    expect(zipped).toMatchObject({ state: 'COMPLETED', error: null });
    const archive = await readZip(Buffer.from(await (await api.fetchLink(zipped?.downloadUrl ?? '')).arrayBuffer()));
    const texts = { 'files/0-0.txt': 'abc\nabc\nabc\n', 'files/1-1.txt': 'def\ndef\ndef\n' };
    for (const [file, text] of Object.entries(texts)) expect(archive.get(file)?.toString()).toBe(text);
    const manifest = JSON.parse(archive.get('manifest.json')?.toString() ?? '') as { files: { name: string }[] };
    expect(manifest.files.filter((file) => file.name.startsWith('files/'))).toEqual(
      Object.entries(texts).map(([file, text], item) => ({
        name: file,
        sha256: sha256(text),
        byteSize: text.length,
        item,
      })),
    );
  });

  test('that somebody deleted there are told of by name', async () => {
    const destination = await connect(`${name}, emptied`, place);
    const { id, files } = await deliver(destination);
    const key = files[1]?.key ?? '';
    await destination.storage.delete(key);
    const lost = `File "1.txt" of item 1 is gone: somebody deleted ${key} at its destination. Put it back there, or submit the item again.`;
    expect(await exportZip(id)).toEqual({ state: 'FAILED', error: `${lost} ${noFiles}`, downloadUrl: null });
    const [whole = '', gone] = await readLinks(id);
    expect(await readRefusal(gone)).toEqual([404, lost]);
    expect(await (await api.fetchLink(whole)).text()).toBe('abc\nabc\nabc\n');
  });

  test('are not reached once it is disconnected, and stay there', async () => {
    const destination = await connect(`${name}, disconnected`, place);
    const { id, files } = await deliver(destination);
    await disconnect(destination.id);
    const key = files[0]?.key ?? '';
    const lost = `File "0.txt" of item 0 lies at a destination that is not connected any more. It is still there for its owner, as ${key}.`;
    expect(await exportZip(id)).toEqual({ state: 'FAILED', error: `${lost} ${noFiles}`, downloadUrl: null });
    expect(await readRefusal((await readLinks(id))[0])).toEqual([404, lost]);
    expect(await destination.storage.head(key)).toEqual({ byteSize: 12 });
  });

  test('stay there when it is purged, but for those that no item was to keep', async () => {
    const destination = await connect(`${name}, purged`, place);
    const { id, jobId, files } = await deliver(destination);
    const { database } = api.engine.services;
    await database.pool.query(`update item_files set state = 'GOING' where job_id = $1 and index = 1`, [jobId]);
    const [link] = await readLinks(id);
    await api.client.query('mutation ($id: ID!) { deleteJob(input: { jobId: $id }) { __typename } }', { id });
    await purge(jobId);
    const left = await Promise.all(files.map(({ key }) => destination.storage.head(key)));
    expect(left).toEqual([{ byteSize: 12 }, null]);
    expect((await readRefusal(link))[0]).toBe(404);
  });
});

test('a destination that does not answer holds up neither clean-up nor purge of what others left', async () => {
  const { database } = api.engine.services;
  const away = await deliver(await connect('Away', 's3'));
  const near = await deliver(await connect('Near', 'gcs'));
  await database.pool.query(
    `update item_files set state = 'GOING', state_at = now() - interval '2 hours' where job_id = any($1)`,
    [[away.jobId, near.jobId]],
  );
  front.answer = () => (response) => response.destroy();
  try {
    // Batches of the size of what is left: those that wait must not come again at once.
    while (!(await cleanUp({ ...api.engine.services, config: api.engine.config }, 2)));
    expect([await countRows(away.jobId), await countRows(near.jobId)]).toEqual([2, 0]);
    await api.client.query('mutation ($id: ID!) { deleteJob(input: { jobId: $id }) { __typename } }', { id: away.id });
    await purge(away.jobId);
  } finally {
    front.answer = null;
  }
});
