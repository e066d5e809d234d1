import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runProgram } from '../../src/providers/process/run-program.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { findTestMedia } from '../support/media-programs.ts';
import { startWorker, type Surroundings } from '../support/processes.ts';
import { testSecret } from '../support/secret.ts';
import { readVideos, submitVideos, videoRow } from '../support/video-jobs.ts';
import { waitFor } from '../support/wait-for.ts';
import { makeWorkFolder } from '../support/work-folder.ts';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const wait = { timeoutMs: 250_000, everyMs: 50 };

function surroundingsOf(env: Record<string, string>): Surroundings {
  const { config } = api.engine;
  return {
    databaseUrl: config.databaseUrl,
    temporalAddress: inject('temporalAddress'),
    taskQueue: config.temporal.taskQueue,
    dataDir: config.dataDir,
    env: { LONGHAUL_SECRET: testSecret, ...env },
  };
}

async function readProgress(id: string) {
  const { job } = await api.client.query<{
    job: { progress: { succeeded: string }; runningItems: { stage: string; step: string }[] };
  }>('query ($id: ID!) { job(id: $id) { progress { succeeded } runningItems { stage step } } }', { id });
  const isEncoding = job.runningItems.some(({ stage, step }) => stage === 'RENDER' && step.includes('encoding'));
  return { succeeded: Number(job.progress.succeeded), isEncoding };
}

/** Folders below `work`; each process has one. */
async function listWorkFolders(): Promise<string[]> {
  const names = await readdir(join(api.engine.config.dataDir, 'work'));
  return names.filter((name) => !name.endsWith('.lock'));
}

test('20 rows whose worker is killed while it encodes become 20 videos, each of its row and made once', async () => {
  const surroundings = surroundingsOf({ LONGHAUL_WORKER_QUEUES: 'default=4,encode=2' });
  const rows = Array.from({ length: 20 }, (_, index) => videoRow(index));
  const { job } = await submitVideos(api, { resolution: 'P720' }, rows);
  const id = job?.id ?? '';
  for (const ended of [2, 5, 9]) {
    await using worker = await startWorker(surroundings);
    const isInTheMiddle = async () => {
      const { succeeded, isEncoding } = await readProgress(id);
      return succeeded >= ended && isEncoding;
    };
    await waitFor(isInTheMiddle, { ...wait, description: `${ended} videos and another one half-made` });
    await worker.kill9();
    expect(await listWorkFolders()).toHaveLength(1);
  }
  await using last = await startWorker(surroundings);
  await api.follow(id);
  const items = await readVideos(api, id);
  expect(items.map(({ state }) => state)).toEqual(rows.map(() => 'SUCCEEDED'));

  const tools = await findTestMedia();
  const folder = await makeWorkFolder();
  const seen = await Promise.all(
    items.map(async ({ files }, index) => {
      const fetched = (name: string) =>
        Promise.all(files.filter((file) => file.name === name).map(({ url }) => api.fetchLink(url)));
      const [videos, captions] = [await fetched('video'), await fetched('captions')];
      const bytes = await Promise.all(videos.map(async (response) => Buffer.from(await response.arrayBuffer())));
      const path = join(folder, `${index}.mp4`);
      await writeFile(path, bytes[0] ?? '');
      const args = ['-v', 'error', '-show_entries', 'format_tags=title', '-of', 'csv=p=0', path];
      const { stdout } = await runProgram({ name: 'ffprobe', command: tools.ffprobe, args, signal: never });
      const said = await Promise.all(captions.map((response) => response.text()));
      return {
        titles: stdout.trim(),
        captions: said.map((text) => text.trim().split('\n').at(-1)),
        checksums: bytes.map((content) => createHash('sha256').update(content).digest('hex')),
      };
    }),
  );
  expect(seen.map(({ titles, captions }) => ({ titles, captions }))).toEqual(
    rows.map(({ title, script }) => ({ titles: title, captions: [script] })),
  );
  const checksums = seen.flatMap((each) => each.checksums);
  expect(new Set(checksums).size).toBe(20);

  const { pool } = api.engine.services.database;
  const { rows: stored } = await pool.query<{ sha256: string }>(
    `select sha256 from item_files f join jobs j on j.id = f.job_id and j.total = 20 where f.name = 'video' and f.state = 'STORED' order by f.index`,
  );
  expect(stored.map(({ sha256 }) => sha256)).toEqual(checksums);
  const { rows: made } = await pool.query(
    `select count(*)::int as encodes, count(distinct data->>'index')::int as videos
     from job_events e join jobs j on j.id = e.job_id and j.total = 20 where e.type = 'ChunkCompleted' and data->>'stage' = 'RENDER'`,
  );
  expect(made).toEqual([{ encodes: 20, videos: 20 }]);
  await last.stop();
  expect(await listWorkFolders()).toEqual([]);
}, 500_000);

const never = new AbortController().signal;

test('a worker for two cores encodes one video at a time, 4K or not, and what a killed one left of either is removed', async () => {
  const folder = await makeWorkFolder();
  const log = join(folder, 'encodings.txt');
  const { ffmpeg } = await findTestMedia();
  const noting = join(folder, 'bin', 'ffmpeg');
  await mkdir(join(folder, 'bin'));
  await writeFile(
    noting,
    `#!/bin/sh
case " $* " in *" pipe:0 "*) ;; *) exec ${ffmpeg} "$@" ;; esac
for argument; do case "$argument" in 1280x720 | 3840x2160) size=$argument ;; esac; done
echo "begin $size" >> ${log}
${ffmpeg} "$@"
code=$?
echo "end $size" >> ${log}
exit $code
`,
    { mode: 0o755 },
  );
  const surroundings = surroundingsOf({
    LONGHAUL_WORKER_QUEUES: 'default=4,encode=1,encode-4k=1',
    FFMPEG: noting,
  });
  const landscape = (number: number) => videoRow(number, { platforms: 'youtube' });
  const submitted = await Promise.all([
    submitVideos(api, { resolution: 'P2160' }, [landscape(1)]),
    submitVideos(api, { resolution: 'P720' }, [landscape(2), landscape(3), landscape(4)]),
  ]);
  const [large = '', small = ''] = submitted.map(({ job }) => job?.id);
  const lines = async () => (await readFile(log, 'utf8').catch(() => '')).trim().split('\n');
  {
    await using worker = await startWorker(surroundings);
    await waitFor(async () => (await lines()).at(-1) === 'begin 3840x2160', { ...wait, description: 'a 4K encoding' });
    await worker.kill9();
  }
  // Its input has ended with the worker, and so it ends by itself.
  await waitFor(async () => (await lines()).at(-1) === 'end 3840x2160', { ...wait, description: 'the orphan to end' });
  const [left] = await listWorkFolders();
  await using worker = await startWorker(surroundings);
  const now = await listWorkFolders();
  expect(now).toHaveLength(1);
  expect(now).not.toContain(left);
  await api.follow(large);
  await api.follow(small);
  await worker.stop();
  const noted = await lines();
  // Whatever began has ended before the next began.
  expect(noted.filter((_, index) => index % 2 === 0).every((line) => line.startsWith('begin'))).toBe(true);
  expect(noted.filter((_, index) => index % 2 === 1)).toEqual(
    noted.filter((_, index) => index % 2 === 0).map((line) => line.replace('begin', 'end')),
  );
  const [video] = (await readVideos(api, large))[0]?.files ?? [];
  expect(video?.media).toMatchObject({ videoCodec: 'h264', audioCodec: 'aac', width: 3_840, height: 2_160 });
  expect(await listWorkFolders()).toEqual([]);
}, 500_000);
