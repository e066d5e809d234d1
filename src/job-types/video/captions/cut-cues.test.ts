import { expect, test } from 'vitest';
import { countColumns } from '../script/split-words.ts';
import { cutCues } from './cut-cues.ts';

const long =
  'This sentence goes on and on, with a number of clauses, so that it has to be cut into several cues, each about as long as the others, and none of them is a single word.';

test('a short sentence is one cue, whose words share its time by their length', () => {
  expect(cutCues([{ text: 'Hi there, you.', startMs: 1_000, endMs: 2_800 }])).toEqual([
    {
      startMs: 1_000,
      endMs: 2_800,
      words: [
        { text: 'Hi', isSpaced: false, startMs: 1_000, endMs: 1_300 },
        { text: 'there,', isSpaced: true, startMs: 1_300, endMs: 2_300 },
        { text: 'you.', isSpaced: true, startMs: 2_300, endMs: 2_800 },
      ],
    },
  ]);
});

test('a long sentence is cut into cues of about one length, which follow each other without a gap', () => {
  const cues = cutCues([{ text: long, startMs: 0, endMs: 12_000 }]);
  const columns = cues.map((cue) => countColumns(cue.words.map((word) => word.text).join(' ')));
  expect(cues.length).toBe(3);
  for (const count of columns) expect(count).toBeGreaterThan(40);
  for (const count of columns) expect(count).toBeLessThanOrEqual(84);
  expect(cues.map((cue) => cue.startMs)).toEqual([0, cues[0]?.endMs, cues[1]?.endMs]);
  expect(cues.at(-1)?.endMs).toBeCloseTo(12_000);
  expect(cues.flatMap((cue) => cue.words.map((word) => word.text)).join(' ')).toBe(long);
});

test('a script without spaces is cut too', () => {
  const text = '吾輩は猫である。名前はまだ無い。'.repeat(8);
  const cues = cutCues([{ text, startMs: 0, endMs: 30_000 }]);
  expect(cues.length).toBeGreaterThan(2);
  expect(cues.flatMap((cue) => cue.words.map((word) => word.text)).join('')).toBe(text);
});
