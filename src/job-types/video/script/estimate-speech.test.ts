import { expect, test } from 'vitest';
import { estimateDurationMs, estimateSpeech } from './estimate-speech.ts';

const scenes = [{ heading: null, sentences: ['Send one job over a million rows.', 'Go.'] }];

test('a sentence is guessed by its letters and the pace, and never shorter than a breath', () => {
  expect(estimateSpeech(scenes, 1)).toEqual([
    [
      { text: 'Send one job over a million rows.', durationMs: 2_112 },
      { text: 'Go.', durationMs: 500 },
    ],
  ]);
  expect(estimateSpeech(scenes, 2)[0]?.[0]?.durationMs).toBe(1_056);
});

test('a video is guessed with its title and pauses, within what was asked for', () => {
  expect(estimateDurationMs(scenes, 1, 60_000)).toBe(2_200 + 400 + 2_112 + 280 + 500 + 450);
  expect(estimateDurationMs(scenes, 1, 5_000)).toBe(5_000);
});
