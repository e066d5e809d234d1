import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { MediaPrograms } from '../../src/embedded/media-programs.ts';
import { speakScenes } from '../../src/job-types/video/script/speak-scenes.ts';
import { splitScript } from '../../src/job-types/video/script/split-script.ts';
import { createEspeakSpeech } from '../../src/providers/speech/espeak-ng.ts';
import { createFliteSpeech } from '../../src/providers/speech/flite/flite.ts';
import { createLocalSpeech } from '../../src/providers/speech/local-speech.ts';
import { voiceKinds, type Speech, type SpeechRequest } from '../../src/providers/speech/speech.ts';
import { findWavData } from '../../src/providers/speech/wav.ts';
import { findTestMedia } from '../support/media-programs.ts';
import { makeWorkFolder } from '../support/work-folder.ts';

const { signal } = new AbortController();
let media: MediaPrograms & { espeakNg: string };
beforeAll(async () => {
  media = await findTestMedia();
});

const engines: [string, () => Speech, string][] = [
  ['flite', () => createFliteSpeech(media), 'The quick brown fox jumps over the lazy dog.'],
  ['espeak-ng', () => createEspeakSpeech(media.espeakNg, media), 'The quick brown fox jumps over the lazy dog.'],
];

async function say(speech: Speech, request: Partial<SpeechRequest> & { text: string }) {
  const outPath = join(await makeWorkFolder(), 'out.wav');
  const { durationMs } = await speech.synthesize({ voice: 'MALE', speed: 1, pitch: 0, outPath, signal, ...request });
  const { offset, bytes } = await findWavData(outPath);
  const wav = await readFile(outPath);
  const samples = new Int16Array(Uint8Array.from(wav.subarray(offset, offset + bytes)).buffer);
  expect(durationMs).toBeCloseTo(samples.length / 48);
  return { durationMs, samples, pitchHz: estimatePitch(samples) };
}

describe.each(engines)('%s', (_, create, text) => {
  test('has a voice for each kind, and no two are the same', async () => {
    const spoken = await Promise.all(voiceKinds.map((voice) => say(create(), { text, voice })));
    for (const { samples, durationMs } of spoken) {
      expect(durationMs).toBeGreaterThan(1_500);
      expect(durationMs).toBeLessThan(6_000);
      expect(samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)).toBeGreaterThan(3_000);
    }
    const [female, male] = spoken;
    expect(female?.pitchHz).toBeGreaterThan((male?.pitchHz ?? Infinity) * 1.2);
    expect(new Set(spoken.map(({ samples }) => samples.length)).size).toBe(3);
  });

  test('speaks faster and slower without a change of pitch, and higher without a change of pace', async () => {
    const usual = await say(create(), { text });
    const fast = await say(create(), { text, speed: 1.5 });
    const slow = await say(create(), { text, speed: 0.75 });
    const high = await say(create(), { text, pitch: 5 });
    expect(usual.durationMs / fast.durationMs).toBeCloseTo(1.5, 1);
    expect(usual.durationMs / slow.durationMs).toBeCloseTo(0.75, 1);
    expect(usual.durationMs / high.durationMs).toBeCloseTo(1, 1);
    expect(fast.pitchHz / usual.pitchHz).toBeCloseTo(1, 0);
    expect(high.pitchHz / usual.pitchHz).toBeGreaterThan(1.2);
  });

  test('is silent for a moment where there is nothing to say', async () => {
    const { samples, durationMs } = await say(create(), { text: '🚀🚀' });
    expect(durationMs).toBe(800);
    expect(samples.every((sample) => sample === 0)).toBe(true);
  });

  test('takes a text that looks like an option for a text', async () => {
    expect((await say(create(), { text: '-h --version' })).durationMs).toBeGreaterThan(300);
  });

  test('that is aborted leaves nothing', async () => {
    const folder = await makeWorkFolder();
    const reason = new Error('canceled');
    const abort = new AbortController();
    const outPath = join(folder, 'out.wav');
    const speaking = create().synthesize({
      text: text.repeat(40),
      voice: 'MALE',
      speed: 1,
      pitch: 0,
      outPath,
      signal: abort.signal,
    });
    abort.abort(reason);
    await expect(speaking).rejects.toBe(reason);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('Speech on this machine', () => {
  test.each([
    ['مرحبا بالعالم', undefined],
    ['שלום עולם', undefined],
    ['こんにちは世界', undefined],
    ['你好世界', undefined],
    ['नमस्ते दुनिया', undefined],
    ['Guten Morgen, liebe Leute', 'de'],
    ['Bom dia', 'pt-BR'],
  ])('speaks %j', async (text, language) => {
    const speech = createLocalSpeech(media, media.espeakNg);
    const { durationMs } = await say(speech, { text, ...(language === undefined ? {} : { language }) });
    expect(durationMs).toBeGreaterThan(500);
  });

  test('needs no espeak-ng for English, and says how to get it for the rest', async () => {
    const speech = createLocalSpeech(media, null);
    expect((await say(speech, { text: 'Hello there.' })).durationMs).toBeGreaterThan(400);
    await expect(say(speech, { text: 'שלום' })).rejects.toMatchObject({
      message: expect.stringContaining(
        'in the language "he", which espeak-ng speaks, and that is not installed: run "longhaul doctor --fix"',
      ),
      retryable: false,
    });
  });
});

describe('Speech on this machine tells what a listener misses', () => {
  const local = () => createLocalSpeech(media, media.espeakNg);

  test.each([
    [
      'words in other letters that Flite left out',
      'The word שלום means peace to all of us.',
      undefined,
      /^Flite speaks English only/,
    ],
    ['Kanji that espeak-ng spells in English', '漢字です', 'ja', /^espeak-ng cannot read some of the text in "ja"/],
  ])('%s', async (_, text, language, warning) => {
    const outPath = join(await makeWorkFolder(), 'out.wav');
    const request = { text, voice: 'MALE', speed: 1, pitch: 0, outPath, signal } as const;
    const spoken = await local().synthesize(language === undefined ? request : { ...request, language });
    expect(spoken).toEqual({ durationMs: expect.any(Number), warning: expect.stringMatching(warning) });
  });

  test('and nothing where all is said', async () => {
    const outPath = join(await makeWorkFolder(), 'out.wav');
    const request = { voice: 'MALE', speed: 1, pitch: 0, outPath, signal } as const;
    for (const text of ['Café, naïve and 5 km.', 'これはかなです', 'مرحبا بالعالم']) {
      expect(await local().synthesize({ ...request, text })).toEqual({ durationMs: expect.any(Number) });
    }
  });

  test.each([
    ['ជំរាបសួរ', undefined, 'km'],
    ['Hello', 'tlh', 'tlh'],
  ])('with an error where no voice has the language: %j', async (text, language, named) => {
    await expect(say(local(), { text, ...(language === undefined ? {} : { language }) })).rejects.toMatchObject({
      code: 'PROVIDER_REJECTED',
      retryable: false,
      message: `Nothing on this machine speaks the language "${named}": correct the option "language", or let a service speak (LONGHAUL_SPEECH=openai or google).`,
    });
  });

  test('and speaks a sentence in other letters in its own language, whatever was asked for', async () => {
    expect((await say(local(), { text: 'Привет, мир!', language: 'en' })).durationMs).toBeGreaterThan(500);
  });
});

describe('The speech of a script', () => {
  const scenes = splitScript('One. Two and more.\n\nThree.');

  test('is one file with all sentences, and as long as they are together', async () => {
    const folder = await makeWorkFolder();
    const outPath = join(folder, 'speech.wav');
    const seen: unknown[] = [];
    const spoken = await speakScenes({
      scenes,
      speech: createFliteSpeech(media),
      voice: { kind: 'FEMALE', speed: 1, pitch: 0 },
      outPath,
      workDir: folder,
      signal,
      onProgress: (progress) => seen.push(progress),
    });
    expect(spoken.map((sentences) => sentences.map((sentence) => sentence.text))).toEqual([
      ['One.', 'Two and more.'],
      ['Three.'],
    ]);
    const totalMs = spoken.flat().reduce((sum, { durationMs }) => sum + durationMs, 0);
    expect((await findWavData(outPath)).bytes / 96).toBeCloseTo(totalMs);
    expect(await readdir(folder)).toEqual(['speech.wav']);
    expect(seen).toEqual([
      { percent: expect.closeTo(33.3, 1), scene: 1, scenes: 2 },
      { percent: expect.closeTo(66.7, 1), scene: 1, scenes: 2 },
      { percent: 100, scene: 2, scenes: 2 },
    ]);
  });

  test('tells once what a listener misses, however often that is', async () => {
    const folder = await makeWorkFolder();
    const warnings: string[] = [];
    await speakScenes({
      scenes: splitScript('Say שלום to all.\n\nSay שלום again.'),
      speech: createFliteSpeech(media),
      voice: { kind: 'FEMALE', speed: 1, pitch: 0 },
      outPath: join(folder, 'speech.wav'),
      workDir: folder,
      signal,
      onWarning: (warning) => warnings.push(warning),
    });
    expect(warnings).toEqual([expect.stringContaining('left out words in other letters')]);
  });

  test('that breaks off leaves no file', async () => {
    const folder = await makeWorkFolder();
    const abort = new AbortController();
    const speaking = speakScenes({
      scenes,
      speech: createFliteSpeech(media),
      voice: { kind: 'FEMALE', speed: 1, pitch: 0 },
      outPath: join(folder, 'speech.wav'),
      workDir: folder,
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('canceled')),
    });
    await expect(speaking).rejects.toThrow('canceled');
    expect(await readdir(folder)).toEqual([]);
  });
});

/** The median of the fundamental frequency over voiced parts of 60 ms, by autocorrelation. */
function estimatePitch(all: Int16Array): number {
  const samples = all.filter((_, index) => index % 6 === 0);
  const rate = 8_000;
  const size = 480;
  const found: number[] = [];
  for (let start = 0; start + 2 * size < samples.length; start += size) {
    const part = samples.subarray(start, start + 2 * size);
    const energy = part.subarray(0, size).reduce((sum, sample) => sum + sample ** 2, 0);
    if (energy / size < 500 ** 2) continue;
    let best = { lag: 0, score: 0 };
    for (let lag = Math.floor(rate / 400); lag < rate / 60; lag += 1) {
      let score = 0;
      for (let index = 0; index < size; index += 1) score += (part[index] ?? 0) * (part[index + lag] ?? 0);
      if (score > best.score) best = { lag, score };
    }
    if (best.score > energy * 0.4) found.push(rate / best.lag);
  }
  return found.toSorted((a, b) => a - b)[Math.floor(found.length / 2)] ?? 0;
}
