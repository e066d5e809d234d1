import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { MediaTools } from '../../src/providers/ffmpeg/media-tools.ts';
import { createGoogleSpeech, type GoogleSpeech } from '../../src/providers/speech/cloud/google-speech.ts';
import { createOpenAiSpeech } from '../../src/providers/speech/cloud/openai-speech.ts';
import { findTestMedia } from '../support/media-programs.ts';
import {
  answerJson,
  answerWav,
  startSpeechServer,
  toneWav,
  type SpeechAnswer,
  type SpeechServer,
} from '../support/speech-server.ts';
import { makeWorkFolder } from '../support/work-folder.ts';

let tools: MediaTools;
beforeAll(async () => {
  tools = await findTestMedia();
});
const sound = toneWav(440, 500);

async function serve(answer: SpeechAnswer) {
  const service = await startSpeechServer(answer);
  onTestFinished(service.close);
  return service;
}

async function request(text = 'Hello 🚀 there.') {
  const folder = await makeWorkFolder();
  const { signal } = new AbortController();
  return { text, voice: 'FEMALE', speed: 1, pitch: 0, outPath: join(folder, 'out.wav'), folder, signal } as const;
}

describe('Speech by the protocol of OpenAI', () => {
  const open = (baseUrl: string) => createOpenAiSpeech({ apiKey: 'sk-test', baseUrl, model: 'gpt-4o-mini-tts' }, tools);

  test('sends text, model and voice, and shapes what comes back', async () => {
    const { url, seen } = await serve(answerWav(sound));
    const asked = await request();
    expect(await open(`${url}/v1`).synthesize({ ...asked, speed: 2 })).toEqual({ durationMs: expect.closeTo(250, -2) });
    expect(seen).toEqual([
      {
        method: 'POST',
        url: '/v1/audio/speech',
        headers: expect.objectContaining({ authorization: 'Bearer sk-test' }),
        body: { input: 'Hello there.', model: 'gpt-4o-mini-tts', voice: 'coral', response_format: 'wav' },
      },
    ]);
    expect(await readdir(asked.folder)).toEqual(['out.wav']);
  });

  test.each([
    {
      status: 429,
      error: { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' },
      headers: [['retry-after', '7']],
      expected: { retryable: true, retryAfterMs: 7_000 },
    },
    {
      status: 429,
      error: { message: 'Too many requests', type: 'requests', code: 'rate_limit_exceeded' },
      headers: [],
      expected: { retryable: true, retryAfterMs: 15_000 },
    },
    {
      status: 429,
      error: { message: 'You exceeded your current quota', type: 'insufficient_quota', code: 'insufficient_quota' },
      headers: [],
      expected: { retryable: false, retryAfterMs: null },
    },
    { status: 503, error: { message: 'Overloaded' }, headers: [], expected: { retryable: true, retryAfterMs: null } },
    {
      status: 401,
      error: { message: 'Incorrect API key provided', code: 'invalid_api_key' },
      headers: [],
      expected: { retryable: false, retryAfterMs: null },
    },
    {
      status: 400,
      error: { message: 'Unknown voice' },
      headers: [],
      expected: { retryable: false, retryAfterMs: null },
    },
  ])(
    'is asked once, and fails with what it says at $status $error.message',
    async ({ status, error, headers, expected }) => {
      const { url, seen } = await serve(answerJson(status, { error }, Object.fromEntries(headers)));
      const asked = await request();
      await expect(open(url).synthesize(asked)).rejects.toMatchObject({
        code: 'PROVIDER_REJECTED',
        provider: 'openai',
        message: expect.stringContaining(error.message),
        ...expected,
      });
      expect(seen).toHaveLength(1);
      expect(await readdir(asked.folder)).toEqual([]);
    },
  );

  test.each([
    [
      401,
      'invalid_api_key',
      'Set OPENAI_API_KEY to a key that may speak, restart the workers, then retry the failed items.',
    ],
    [404, 'model_not_found', 'Correct OPENAI_BASE_URL or LONGHAUL_SPEECH_MODEL, restart the workers'],
    [429, 'insufficient_quota', 'Give the account credit, then retry the failed items.'],
  ])('says what to do about %i %s', async (status, code, advice) => {
    const { url } = await serve(answerJson(status, { error: { message: 'No.', code } }));
    await expect(open(url).synthesize(await request())).rejects.toThrow(advice);
  });

  test('may be asked again when the connection breaks', async () => {
    const { url } = await serve((_, response) => response.destroy());
    await expect(open(url).synthesize(await request())).rejects.toMatchObject({ provider: 'openai', retryable: true });
  });

  test('is left alone once it is aborted', async () => {
    const abort = new AbortController();
    const reason = new Error('canceled');
    const { url } = await serve(() => abort.abort(reason));
    const asked = await request();
    await expect(open(url).synthesize({ ...asked, signal: abort.signal })).rejects.toBe(reason);
    expect(await readdir(asked.folder)).toEqual([]);
  });

  test('is not asked where there is nothing to say', async () => {
    const { url, seen } = await serve(answerJson(500, {}));
    expect(await open(url).synthesize(await request('🚀'))).toEqual({ durationMs: 800 });
    expect(seen).toEqual([]);
  });
});

describe('Speech by Google Cloud', () => {
  // One client for all: the first call of each looks around for where it runs.
  let answer: SpeechAnswer;
  let service: SpeechServer;
  let speech: GoogleSpeech;
  beforeAll(async () => {
    service = await startSpeechServer((request, response) => answer(request, response));
    const voices = { MALE: 'en-US-Neural2-D' };
    speech = createGoogleSpeech({ apiKey: 'key-test', endpoint: service.url, voices }, tools);
  });
  beforeEach(() => void service.seen.splice(0));
  afterAll(async () => {
    await speech.close();
    service.close();
  });

  test('sends text, language and voice, and shapes what comes back', async () => {
    answer = answerJson(200, { audioContent: sound.toString('base64') });
    const asked = await request();
    expect(await speech.synthesize(asked)).toEqual({ durationMs: 500 });
    await speech.synthesize({ ...asked, voice: 'MALE' });
    await speech.synthesize({ ...asked, text: 'שלום' });
    // Numbers are the client's way to write LINEAR16, MALE and FEMALE.
    expect(service.seen.map(({ method, url: path, body }) => ({ method, path: path?.split('?')[0], body }))).toEqual([
      {
        method: 'POST',
        path: '/v1/text:synthesize',
        body: {
          input: { text: 'Hello there.' },
          voice: { languageCode: 'en-US', ssmlGender: 2 },
          audioConfig: { audioEncoding: 1, sampleRateHertz: 48_000 },
        },
      },
      expect.objectContaining({
        body: expect.objectContaining({
          voice: { languageCode: 'en-US', ssmlGender: 1, name: 'en-US-Neural2-D' },
        }),
      }),
      expect.objectContaining({
        body: expect.objectContaining({ voice: { languageCode: 'he-IL', ssmlGender: 2 } }),
      }),
    ]);
    expect(service.seen[0]?.headers['x-goog-api-key']).toBe('key-test');
    expect(await readdir(asked.folder)).toEqual(['out.wav']);
  });

  test.each([
    {
      status: 429,
      name: 'RESOURCE_EXHAUSTED',
      details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '30s' }],
      expected: { retryable: true, retryAfterMs: 30_000 },
    },
    { status: 429, name: 'RESOURCE_EXHAUSTED', details: [], expected: { retryable: true, retryAfterMs: 15_000 } },
    { status: 503, name: 'UNAVAILABLE', details: [], expected: { retryable: true, retryAfterMs: null } },
    { status: 403, name: 'PERMISSION_DENIED', details: [], expected: { retryable: false, retryAfterMs: null } },
    { status: 401, name: 'UNAUTHENTICATED', details: [], expected: { retryable: false, retryAfterMs: null } },
    { status: 400, name: 'INVALID_ARGUMENT', details: [], expected: { retryable: false, retryAfterMs: null } },
  ])('is asked once, and fails with what it says at $status', async ({ status, name, details, expected }) => {
    const error = { code: status, message: `It is ${name}.`, status: name, details };
    answer = answerJson(status, { error });
    const asked = await request();
    await expect(speech.synthesize(asked)).rejects.toMatchObject({
      code: 'PROVIDER_REJECTED',
      provider: 'google',
      message: expect.stringContaining(`It is ${name}.`),
      ...expected,
    });
    expect(service.seen).toHaveLength(1);
    expect(await readdir(asked.folder)).toEqual([]);
  });

  test('says which account and which API it needs when it is refused', async () => {
    const error = { code: 403, message: 'API not enabled.', status: 'PERMISSION_DENIED' };
    answer = answerJson(403, { error });
    await expect(speech.synthesize(await request())).rejects.toThrow(
      'Set LONGHAUL_GOOGLE_SERVICE_ACCOUNT to an account of a project in which the Text-to-Speech API is enabled',
    );
  });

  test('is left alone once it is aborted', async () => {
    const abort = new AbortController();
    const reason = new Error('canceled');
    answer = () => abort.abort(reason);
    await expect(speech.synthesize({ ...(await request()), signal: abort.signal })).rejects.toBe(reason);
  });
});
