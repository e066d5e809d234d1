import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { getUuid } from '../../schema/global-id.ts';
import { findMediaPrograms } from '../../src/embedded/media-programs.ts';
import { probeMedia } from '../../src/providers/ffmpeg/probe-media.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { connectDestination, gcsPlace, s3Place } from '../support/destinations.ts';
import { holdWrite } from '../support/hold-write.ts';
import { s3Keys, startTestGcs, startTestS3, type ObjectStore } from '../support/object-stores.ts';
import { startWorker } from '../support/processes.ts';
import { testSecret } from '../support/secret.ts';
import { startStoreFront, type StoreFront } from '../support/store-front.ts';
import { waitFor } from '../support/wait-for.ts';

let s3: ObjectStore | null;
let gcs: ObjectStore | null;
let fronts: { s3: StoreFront; gcs: StoreFront };
let api: TestApi;
let folder: string;

beforeAll(async () => {
  [s3, gcs] = await Promise.all([startTestS3(), startTestGcs()]);
  if (s3 === null || gcs === null) return;
  await s3.createBucket('videos');
  await gcs.createBucket('videos');
  fronts = { s3: await startStoreFront(s3.endpoint), gcs: await startStoreFront(gcs.endpoint, 'OF_STORE') };
  folder = await mkdtemp(join(tmpdir(), 'longhaul-deliver-'));
  api = await startTestApi(undefined, {}, { gcsEndpoint: fronts.gcs.endpoint });
});
afterAll(async () => {
  await api?.close();
  for (const front of Object.values(fronts ?? {})) await front[Symbol.asyncDispose]();
  await s3?.stop();
  await gcs?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});
beforeEach((context) => {
  if (s3 === null || gcs === null) context.skip('There are no object stores for this machine.');
});

async function submit(destinationId: string): Promise<string> {
  const items = [{ title: 'Clip', script: 'A clip.', durationSeconds: 5, platforms: 'linkedin' }];
  const { submitJob } = await api.client.query<{ submitJob: { job: { id: string } } }>(
    `mutation ($input: SubmitJobInput!) { submitJob(input: $input) { ... on SubmitJobPayload { job { id } } ... on Error { message } } }`,
    {
      input: {
        title: 'Videos',
        spec: { video: { resolution: 'P720', destinationId } },
        source: { inline: { items } },
      },
    },
  );
  return submitJob.job.id;
}

/** Makes what was rendered as long as a video of minutes: behind its own boxes comes one that every player passes over. */
async function lengthenRendered(jobId: string): Promise<void> {
  const { storage, database } = api.engine.services;
  const { rows } = await database.pool.query<{ id: string; key: string }>(
    `select id, key from item_files where job_id = $1 and name = 'video' and state = 'STORED'`,
    [jobId],
  );
  const [{ id, key } = { id: '', key: '' }] = rows;
  const head = Buffer.alloc(8);
  const filling = randomBytes(20 * 2 ** 20);
  head.writeUInt32BE(head.length + filling.length);
  head.write('free', 4);
  const longer = Buffer.concat([await buffer(await storage.get(key)), head, filling]);
  const { byteSize, sha256 } = await storage.put(key, Readable.from([longer]));
  await database.pool.query('update item_files set byte_size = $3, sha256 = $4 where job_id = $1 and id = $2', [
    jobId,
    id,
    byteSize,
    sha256,
  ]);
}

interface Delivered {
  name: string;
  url: string;
  byteSize: string;
  sha256: string;
  media: { videoCodec: string; audioCodec: string; durationMs: number } | null;
}

async function readFiles(jobId: string): Promise<{ state: string; files: Delivered[] }[]> {
  const { job } = await api.client.query<{ job: { items: { nodes: { state: string; files: Delivered[] }[] } } }>(
    `query ($id: ID!) { job(id: $id) { items(first: 10) { nodes { state
       files { name url byteSize sha256 media { videoCodec audioCodec durationMs } } } } } }`,
    { id: jobId },
  );
  return job.items.nodes;
}

/** Uploads in several parts that are open at the S3 server. */
async function countUploads(): Promise<number> {
  const client = new S3Client({
    endpoint: s3?.endpoint ?? '',
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { ...s3Keys.owner },
  });
  const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'videos' }));
  client.destroy();
  return Uploads?.length ?? 0;
}

/** The second part of a file: the first one is stored. */
const isSecondPart = {
  s3: ({ url = '', method }: { url?: string; method?: string }) => method === 'PUT' && /partNumber=2\b/.test(url),
  gcs: ({ headers }: { headers: Record<string, unknown> }) => /^bytes [1-9]/.test(String(headers['content-range'])),
};

test('a worker killed amid its uploads to S3 and to Google leaves each video there once, whole, and nothing open', async () => {
  const destinations = {
    s3: await connectDestination(api.client, 'At S3', s3Place('videos', fronts.s3.endpoint)),
    gcs: await connectDestination(api.client, 'At Google', gcsPlace('videos')),
  };
  const { config, services, viewer } = api.engine;
  const surroundings = {
    databaseUrl: config.databaseUrl,
    temporalAddress: inject('temporalAddress'),
    taskQueue: config.temporal.taskQueue,
    dataDir: config.dataDir,
    env: {
      LONGHAUL_SECRET: testSecret,
      LONGHAUL_WORKER_QUEUES: 'default=4,encode=2',
      LONGHAUL_GCS_ENDPOINT: fronts.gcs.endpoint,
      LONGHAUL_FETCH_ALLOWED_NETWORKS: '127.0.0.0/8',
    },
  };
  const globalIds = [await submit(destinations.s3), await submit(destinations.gcs)];
  const jobIds = globalIds.map((id) => getUuid('Job', id));
  const halted = { s3: false, gcs: false };
  for (const store of ['s3', 'gcs'] as const) {
    fronts[store].answer = (request) => {
      if (!isSecondPart[store](request)) return null;
      halted[store] = true;
      return () => undefined;
    };
  }

  await using dying = await startWorker(surroundings);
  const held = await holdWrite(services.database.pool, 'chunks', `new.stage = 4 and new.state = 'RUNNING'`);
  await held.reached(2);
  for (const jobId of jobIds) await lengthenRendered(jobId);
  await held[Symbol.asyncDispose]();
  await waitFor(() => halted.s3 && halted.gcs, { description: 'two uploads', timeoutMs: 60_000 });
  expect(await countUploads()).toBe(1);
  await dying.kill9();
  for (const front of Object.values(fronts)) front.answer = null;

  await using _ = await startWorker(surroundings);
  const tools = await findMediaPrograms({ info: () => undefined, warn: () => undefined });
  for (const [at, store] of (['s3', 'gcs'] as const).entries()) {
    const [globalId = '', jobId = ''] = [globalIds[at], jobIds[at]];
    await api.follow(globalId);
    const [item, ...others] = await readFiles(globalId);
    expect(others).toEqual([]);
    expect(item?.state).toBe('SUCCEEDED');
    expect(item?.files.map(({ name }) => name)).toEqual(['video', 'captions', 'webCaptions', 'thumbnail']);
    for (const { name, url, byteSize, sha256, media } of item?.files ?? []) {
      const link = (await api.fetchLink(url, { redirect: 'manual' })).headers.get('location') ?? '';
      expect(link).toContain(fronts[store].endpoint);
      const content = Buffer.from(await (await fetch(link)).arrayBuffer());
      expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([Number(byteSize), sha256]);
      if (name !== 'video') continue;
      expect(content.length).toBeGreaterThan(20 * 2 ** 20);
      const path = join(folder, `${store}.mp4`);
      await writeFile(path, content);
      const { videoCodec, audioCodec, durationMs } = await probeMedia(tools, path, AbortSignal.timeout(20_000));
      expect(media).toEqual({ videoCodec, audioCodec, durationMs });
    }
    const there = await services.destinations.openDestination(viewer.projectId, destinations[store]);
    const names = (await there.list(jobId)).files.map(({ key }) => basename(key));
    expect(names.sort()).toEqual(['Clip.jpg', 'Clip.mp4', 'Clip.srt', 'Clip.vtt']);
    const { rows } = await services.database.pool.query(
      `select data->>'stage' as stage, count(*)::int as times from job_events where job_id = $1 and type = 'ChunkCompleted' group by 1 order by 1`,
      [jobId],
    );
    expect(rows).toEqual(['RENDER', 'SCRIPT', 'SPEECH', 'UPLOAD'].map((stage) => ({ stage, times: 1 })));
  }
  expect(await countUploads()).toBe(0);
}, 240_000);
