import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { SpeechSettings } from '../../src/providers/speech/speech-settings.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { findTestMedia } from '../support/media-programs.ts';
import {
  answerJson,
  answerWav,
  startSpeechServer,
  toneWav,
  type SpeechAnswer,
  type SpeechServer,
} from '../support/speech-server.ts';
import { readVideos, submitVideos, videoRow, type MadeItem } from '../support/video-jobs.ts';
import { waitFor } from '../support/wait-for.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhaul-cloud-speech-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Workers that speak by a local service, for one test. */
async function open(toSettings: (url: string) => SpeechSettings, answer: SpeechAnswer) {
  const service = await startSpeechServer(answer);
  const api = await startTestApi(undefined, {}, { speech: toSettings(service.url) });
  const worker = await api.engine.startWorker({}, { DEFAULT: 4, ENCODE: 1 });
  onTestFinished(async () => {
    await worker.stop();
    await api.close();
    service.close();
  });
  return { service, api };
}

const openAi = (url: string): SpeechSettings => ({
  kind: 'openai',
  apiKey: 'sk-test',
  baseUrl: `${url}/v1`,
  model: 'gpt-4o-mini-tts',
});

const textsOf = ({ seen }: SpeechServer) => seen.map(({ body }) => (body as { input: string }).input);
const wait = { timeoutMs: 100_000 };
const p720 = { resolution: 'P720' };

async function submit(api: TestApi, options: Record<string, unknown>, rows: unknown[]): Promise<string> {
  const { job, ...refused } = await submitVideos(api, options, rows);
  if (!job) throw new Error(JSON.stringify(refused));
  return job.id;
}

async function readProgress({ client }: TestApi, id: string) {
  const { job } = await client.query<{
    job: { state: string; progress: { succeeded: string; rateLimited: RateLimited | null } };
  }>('query ($id: ID!) { job(id: $id) { state progress { succeeded rateLimited { provider until reason } } } }', {
    id,
  });
  return job;
}

interface RateLimited {
  provider: string;
  until: string;
  reason: string;
}

/** How often each chunk of the stage was begun. */
async function attemptsOf({ engine }: TestApi, stage: string): Promise<number[]> {
  const { rows } = await engine.services.database.pool.query<{ attempt: number }>(
    `select c.attempt from chunks c join stages s on s.job_id = c.job_id and s.position = c.stage where s.name = $1 order by c.index`,
    [stage],
  );
  return rows.map(({ attempt }) => attempt);
}

/** How long somebody speaks in a video, and how high. */
async function listen(api: TestApi, item: MadeItem | undefined): Promise<{ spokenMs: number; hz: number }> {
  const { ffmpeg } = await findTestMedia();
  const link = item?.files.find(({ name }) => name === 'video')?.url ?? '';
  const path = join(folder, 'heard.mp4');
  await writeFile(path, Buffer.from(await (await api.fetchLink(link)).arrayBuffer()));
  const args = ['-v', 'error', '-i', path, '-ac', '1', '-ar', '8000', '-f', 's16le', '-'];
  const { stdout } = await promisify(execFile)(ffmpeg, args, { encoding: 'buffer', maxBuffer: 64 << 20 });
  const samples = new Int16Array(Uint8Array.from(stdout).buffer);
  const loud = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) / 10;
  const start = samples.findIndex((sample) => Math.abs(sample) > loud);
  const end = samples.findLastIndex((sample) => Math.abs(sample) > loud);
  let crossings = 0;
  for (let at = start + 1; at <= end; at += 1) crossings += Number(isBelow(samples[at - 1]) !== isBelow(samples[at]));
  return { spokenMs: (end - start) / 8, hz: crossings / 2 / ((end - start) / 8_000) };
}

const isBelow = (sample = 0) => sample < 0;

describe('a job that OpenAI speaks for', () => {
  test('has in its videos what the service spoke, in the voice and at the pace that were asked for', async () => {
    const tones: Record<string, number> = { 'Clip 1.': 400, 'Clip 2.': 800 };
    const { api, service } = await open(openAi, (asked, response) =>
      answerWav(toneWav(tones[(asked.body as { input: string }).input] ?? 100, 1_600))(asked, response),
    );
    const id = await submit(api, { ...p720, template: { voice: { kind: 'FEMALE', speed: 2 } } }, [
      videoRow(1),
      videoRow(2, { voice: 'MALE' }),
    ]);
    await api.follow(id);
    const items = await readVideos(api, id);
    expect(items.map(({ state, error }) => ({ state, error }))).toEqual([
      { state: 'SUCCEEDED', error: null },
      { state: 'SUCCEEDED', error: null },
    ]);
    const asked = service.seen
      .map(({ url, headers: { authorization }, body }) => ({ url, authorization, body }))
      .sort((a, b) => JSON.stringify(a.body).localeCompare(JSON.stringify(b.body)));
    const request = { model: 'gpt-4o-mini-tts', response_format: 'wav' };
    expect(asked).toEqual([
      {
        url: '/v1/audio/speech',
        authorization: 'Bearer sk-test',
        body: { ...request, input: 'Clip 1.', voice: 'coral' },
      },
      {
        url: '/v1/audio/speech',
        authorization: 'Bearer sk-test',
        body: { ...request, input: 'Clip 2.', voice: 'onyx' },
      },
    ]);
    // Twice the pace: half the time, at the same height.
    for (const [index, hz] of [400, 800].entries()) {
      const heard = await listen(api, items[index]);
      expect(heard.spokenMs).toBeGreaterThan(700);
      expect(heard.spokenMs).toBeLessThan(900);
      expect(heard.hz / hz).toBeCloseTo(1, 1);
    }
  }, 120_000);

  test('whose service asks to wait says so, draws meanwhile what was spoken, and can be paused', async () => {
    const spoken = Promise.withResolvers<void>();
    const sound = answerWav(toneWav(400, 500));
    let refusals = 0;
    const { api, service } = await open(openAi, async (asked, response) => {
      const refuses = (asked.body as { input: string }).input === 'Clip 2.' && refusals === 0;
      if (service.seen.length === 3) spoken.resolve();
      if (!refuses) return sound(asked, response);
      // Those that are on their way when the service closes are spoken.
      await spoken.promise;
      refusals += 1;
      const error = { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' };
      return answerJson(429, { error }, { 'retry-after': '3600' })(asked, response);
    });
    const id = await submit(api, p720, [videoRow(1), videoRow(2), videoRow(3)]);
    const changes = api.client.subscribe<{ jobProgress: { progress: { rateLimited: RateLimited | null } } }>(
      'subscription ($id: ID!) { jobProgress(jobId: $id) { progress { rateLimited { provider until reason } } } }',
      { id },
    );
    let told = (await changes.next()).jobProgress.progress.rateLimited;
    while (told === null) told = (await changes.next()).jobProgress.progress.rateLimited;
    await changes.return();
    expect(told).toEqual({
      provider: 'speech',
      until: expect.any(String),
      reason: 'OpenAI did not speak the text: 429 Rate limit reached',
    });
    expect(new Date(told.until).getTime()).toBeGreaterThan(Date.now() + 3_000_000);

    const others = await waitFor(async () => {
      const job = await readProgress(api, id);
      return job.progress.succeeded === '2' && job;
    }, wait);
    expect(others).toMatchObject({ state: 'RUNNING', progress: { rateLimited: told } });
    expect((await readVideos(api, id)).map(({ state }) => state)).toEqual(['SUCCEEDED', 'PENDING', 'SUCCEEDED']);

    await api.client.query('mutation ($id: ID!) { pauseJob(input: { jobId: $id }) { __typename } }', { id });
    await waitFor(async () => (await readProgress(api, id)).state === 'PAUSED', wait);
    await api.engine.services.database.pool.query('update buckets set closed_until = null');
    await api.client.query('mutation ($id: ID!) { resumeJob(input: { jobId: $id }) { __typename } }', { id });
    await api.follow(id);
    expect((await readVideos(api, id)).map(({ state }) => state)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
    expect(textsOf(service).sort()).toEqual(['Clip 1.', 'Clip 2.', 'Clip 2.', 'Clip 3.']);
    expect(await attemptsOf(api, 'RENDER')).toEqual([1, 1, 1]);
  }, 180_000);

  test('goes on by itself when the time is over that the service asked to wait', async () => {
    const sound = answerWav(toneWav(400, 500));
    const error = { message: 'Rate limit reached', code: 'rate_limit_exceeded' };
    const { api, service } = await open(openAi, (asked, response) =>
      (service.seen.length === 1 ? answerJson(429, { error }, { 'retry-after': '3' }) : sound)(asked, response),
    );
    const id = await submit(api, p720, [videoRow(1)]);
    await waitFor(async () => (await readProgress(api, id)).progress.rateLimited !== null, { ...wait, everyMs: 50 });
    await api.follow(id);
    expect((await readVideos(api, id)).map(({ state }) => state)).toEqual(['SUCCEEDED']);
    expect(textsOf(service)).toEqual(['Clip 1.', 'Clip 1.']);
    expect((await readProgress(api, id)).progress.rateLimited).toBeNull();
  }, 120_000);

  test('with a wrong key fails each of its items once, and says what to do', async () => {
    const error = { message: 'Incorrect API key provided', code: 'invalid_api_key' };
    const { api, service } = await open(openAi, answerJson(401, { error }));
    const id = await submit(api, p720, [videoRow(1), videoRow(2)]);
    await api.follow(id);
    const failed = {
      state: 'FAILED',
      error: {
        code: 'PROVIDER_REJECTED',
        message:
          'OpenAI did not speak the text: 401 Incorrect API key provided · Set OPENAI_API_KEY to a key that may speak, restart the workers, then retry the failed items.',
      },
    };
    expect((await readVideos(api, id)).map((item) => ({ state: item.state, error: item.error }))).toEqual([
      failed,
      failed,
    ]);
    expect(textsOf(service).sort()).toEqual(['Clip 1.', 'Clip 2.']);
  }, 60_000);
});

test('a job that Google speaks for waits when it is asked to, and has in its video what was spoken', async () => {
  const google = (endpoint: string): SpeechSettings => ({ kind: 'google', apiKey: 'key-test', endpoint });
  const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '3s' }];
  const error = { code: 429, message: 'Quota exceeded.', status: 'RESOURCE_EXHAUSTED', details };
  const { api, service } = await open(google, (asked, response) =>
    (service.seen.length === 1
      ? answerJson(429, { error })
      : answerJson(200, { audioContent: toneWav(600, 900).toString('base64') }))(asked, response),
  );
  const id = await submit(api, p720, [videoRow(1, { voice: 'MALE' })]);
  const { progress } = await waitFor(async () => {
    const job = await readProgress(api, id);
    return job.progress.rateLimited && job;
  }, wait);
  expect(progress.rateLimited?.reason).toContain('Quota exceeded.');
  await api.follow(id);
  const items = await readVideos(api, id);
  expect(items.map(({ state }) => state)).toEqual(['SUCCEEDED']);
  const heard = await listen(api, items[0]);
  expect(heard.spokenMs).toBeCloseTo(900, -2);
  expect(heard.hz / 600).toBeCloseTo(1, 1);
  expect(service.seen.map(({ headers }) => headers['x-goog-api-key'])).toEqual(['key-test', 'key-test']);
}, 120_000);
