import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { findMediaPrograms } from '../../src/embedded/media-programs.ts';
import { probeMedia } from '../../src/providers/ffmpeg/probe-media.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { startWorker } from '../support/processes.ts';
import { testSecret } from '../support/secret.ts';
import { readVideos, submitVideos, videoRow, type MadeItem } from '../support/video-jobs.ts';
import { waitFor } from '../support/wait-for.ts';

let api: TestApi;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhaul-video-job-'));
  api = await startTestApi(undefined, {}, { destinationsDir: join(folder, 'destinations') });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await api.close();
});

const wait = { timeoutMs: 150_000 };

describe('a job of three rows', () => {
  let items: MadeItem[];
  let jobId: string;

  beforeAll(async () => {
    const worker = await api.engine.startWorker({}, { DEFAULT: 4, ENCODE: 1 });
    const { job, ...refused } = await submitVideos(api, { resolution: 'P720', thumbnail: 'PNG' }, [
      videoRow(1, { script: '# Begin\nHello there.\n\nGood bye.' }),
      videoRow(2, {
        script: 'Clip 2 says the word שלום to everybody.',
        platforms: 'tiktok',
        style: 'MINIMAL',
        voice: 'MALE',
      }),
      videoRow(3, { script: '# Nothing but a heading' }),
    ]);
    if (!job) throw new Error(JSON.stringify(refused));
    jobId = job.id;
    await api.follow(jobId);
    items = await readVideos(api, jobId);
    await worker.stop();
  }, 170_000);

  test('gives two videos that ffprobe reads as what was asked for, and says what is wrong with the third row', async () => {
    expect(items.map(({ state, error }) => ({ state, error }))).toEqual([
      { state: 'SUCCEEDED', error: null },
      { state: 'SUCCEEDED', error: null },
      { state: 'FAILED', error: { code: 'INVALID_INPUT', message: expect.stringContaining('sentence') as string } },
    ]);
    expect(items.map(({ output }) => output?.warnings)).toEqual([
      [],
      [expect.stringContaining('Flite speaks English only')],
      undefined,
    ]);
    const tools = await findMediaPrograms({ info: () => undefined, warn: () => undefined });
    for (const [index, size] of [
      [0, { width: 720, height: 720 }],
      [1, { width: 720, height: 1_280 }],
    ] as const) {
      const found = items[index]?.files.find(({ name }) => name === 'video');
      const response = await api.fetchLink(found?.url ?? '');
      expect(response.headers.get('content-type')).toBe('video/mp4');
      const path = join(folder, `${index}.mp4`);
      await writeFile(path, Buffer.from(await response.arrayBuffer()));
      const media = await probeMedia(tools, path, AbortSignal.timeout(20_000));
      expect(media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', ...size });
      expect(found?.media).toMatchObject({ container: media.container, durationMs: media.durationMs, ...size });
      expect(items[index]?.output).toMatchObject({ durationSeconds: media.durationMs / 1_000, ...size });
    }
  });

  test('gives captions and a thumbnail beside each video', async () => {
    expect(items[0]?.files.map(({ name, fileName, mediaType }) => ({ name, fileName, mediaType }))).toEqual([
      { name: 'video', fileName: 'Clip 1.mp4', mediaType: 'video/mp4' },
      { name: 'captions', fileName: 'Clip 1.srt', mediaType: 'application/x-subrip' },
      { name: 'webCaptions', fileName: 'Clip 1.vtt', mediaType: 'text/vtt' },
      { name: 'thumbnail', fileName: 'Clip 1.png', mediaType: 'image/png' },
    ]);
    const captions = await (await api.fetchLink(items[0]?.files[1]?.url ?? '')).text();
    expect(captions).toContain('Hello there.');
  });

  test('tells of the scenes as they are made', async () => {
    const { job } = await api.client.query<{ job: { events: { nodes: { index?: string; step?: string }[] } } }>(
      'query ($id: ID!) { job(id: $id) { events(first: 100) { nodes { ... on ItemProgressed { index step } } } } }',
      { id: jobId },
    );
    const steps = job.events.nodes.filter(({ index }) => index === '0').map(({ step }) => step ?? '');
    expect(steps).toContain('Script of 2 scenes');
    expect(steps.some((step) => step.startsWith('Scene 1 of 2: speaking'))).toBe(true);
    expect(steps.some((step) => step.startsWith('Scene 1 of 2: drawing'))).toBe(true);
  });

  test('adds up what was made', async () => {
    const { job } = await api.client.query<{ job: { aggregates: { videos: string; byFormat: unknown } } }>(
      `query ($id: ID!) { job(id: $id) { aggregates { ... on VideoAggregates { items failed videos byFormat { format videos } } } } }`,
      { id: jobId },
    );
    expect(job.aggregates).toEqual({
      items: '3',
      failed: '1',
      videos: '2',
      byFormat: [{ format: 'MP4', videos: '2' }],
    });
  });
});

test('a format that nothing plays is refused at submit, with what can be chosen', async () => {
  const { issues } = await submitVideos(api, { format: 'WEBM', videoCodec: 'H264' }, [videoRow(1)]);
  expect(issues?.map(({ message }) => message)).toEqual([
    'WEBM with H264 and OPUS is played nowhere: WEBM takes VP9 with OPUS.',
  ]);
});

test('a job with a destination delivers its files there, and nothing else lies anywhere', async () => {
  const worker = await api.engine.startWorker({}, { DEFAULT: 4, ENCODE: 1 });
  const { connectDestination } = await api.client.query<{ connectDestination: { destination: { id: string } } }>(
    `mutation { connectDestination(input: { name: "Ours", place: { folder: { folder: "ours" } } }) {
       ... on ConnectDestinationPayload { destination { id } } } }`,
  );
  const options = { resolution: 'P720', destinationId: connectDestination.destination.id };
  const { job } = await submitVideos(api, options, [videoRow(1, { title: 'Über uns/1' })]);
  const id = job?.id ?? '';
  await api.follow(id);
  const [item] = await readVideos(api, id);
  await worker.stop();
  expect(item).toMatchObject({ state: 'SUCCEEDED', output: { width: 720 } });
  expect(item?.files.map(({ fileName }) => fileName)).toEqual(
    ['mp4', 'srt', 'vtt', 'jpg'].map((extension) => `Über uns/1.${extension}`),
  );
  const there = await readdir(join(folder, 'destinations'), { recursive: true });
  const names = there.filter((name) => name.includes('.')).map((name) => basename(name));
  expect(names.sort()).toEqual(['Uber-uns-1.jpg', 'Uber-uns-1.mp4', 'Uber-uns-1.srt', 'Uber-uns-1.vtt']);
  const captions = await api.fetchLink(item?.files[1]?.url ?? '');
  expect(await captions.text()).toContain('Clip 1.');
  const { rows } = await api.engine.services.database.pool.query(
    `select count(*)::int as files from item_files f join jobs j on j.id = f.job_id
     where j.options ? 'destinationId' and f.destination_id is null`,
  );
  expect(rows).toEqual([{ files: 0 }]);
}, 120_000);

test('a job that is canceled while it encodes leaves no file, neither stored nor half-made', async () => {
  const worker = await api.engine.startWorker({}, { DEFAULT: 4, ENCODE: 1 });
  const { job } = await submitVideos(api, { resolution: 'P1080' }, [
    videoRow(1, { script: 'One. Two. Three. Four. Five.', durationSeconds: 60 }),
  ]);
  const id = job?.id ?? '';
  const read = () =>
    api.client.query<{ job: { state: string; runningItems: { stage: string; step: string }[] } }>(
      'query ($id: ID!) { job(id: $id) { state runningItems { stage step } } }',
      { id },
    );
  await waitFor(async () => (await read()).job.runningItems.some(({ stage }) => stage === 'RENDER'), wait);
  await api.client.query('mutation ($id: ID!) { cancelJob(input: { jobId: $id }) { __typename } }', { id });
  await waitFor(async () => (await read()).job.state === 'CANCELED', wait);
  expect((await readVideos(api, id)).map(({ state, files }) => ({ state, files }))).toEqual([
    { state: 'CANCELED', files: [] },
  ]);
  const work = await readdir(join(api.engine.config.dataDir, 'work'), { recursive: true });
  expect(work.filter((name) => name.includes('chunk'))).toEqual([]);
  await worker.stop();
  const { pool } = api.engine.services.database;
  const { rows } = await pool.query(
    `select f.state from item_files f join jobs j on j.id = f.job_id and j.state = 'CANCELED' where f.state <> 'GOING'`,
  );
  expect(rows).toEqual([]);
}, 180_000);

test('20 rows whose worker is killed again and again become 20 videos, each made once', async () => {
  const { config, services } = api.engine;
  const surroundings = {
    databaseUrl: config.databaseUrl,
    temporalAddress: inject('temporalAddress'),
    taskQueue: config.temporal.taskQueue,
    dataDir: config.dataDir,
    env: { LONGHAUL_SECRET: testSecret, LONGHAUL_WORKER_QUEUES: 'default=4,encode=2' },
  };
  const { job } = await submitVideos(
    api,
    { resolution: 'P720' },
    Array.from({ length: 20 }, (_, index) => videoRow(index)),
  );
  const id = job?.id ?? '';
  const succeeded = async () => {
    const { job: read } = await api.client.query<{ job: { progress: { succeeded: string } } }>(
      'query ($id: ID!) { job(id: $id) { progress { succeeded } } }',
      { id },
    );
    return Number(read.progress.succeeded);
  };
  for (const ended of [2, 7]) {
    await using worker = await startWorker(surroundings);
    await waitFor(async () => (await succeeded()) >= ended, { ...wait, everyMs: 50 });
    await worker.kill9();
  }
  await using _ = await startWorker(surroundings);
  await api.follow(id);
  const items = await readVideos(api, id);
  expect(items.map(({ state }) => state)).toEqual(Array.from({ length: 20 }, () => 'SUCCEEDED'));
  expect(items.map(({ files }) => files.filter(({ name }) => name === 'video').length)).toEqual(
    Array.from({ length: 20 }, () => 1),
  );
  const { rows } = await services.database.pool.query(
    `select count(*)::int as encodes, count(distinct data->>'index')::int as videos
     from job_events e join jobs j on j.id = e.job_id and j.total = 20 where e.type = 'ChunkCompleted' and data->>'stage' = 'RENDER'`,
  );
  expect(rows).toEqual([{ encodes: 20, videos: 20 }]);
}, 400_000);
