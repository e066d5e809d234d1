import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { planTimeline } from './plan-timeline.ts';

const scenes = [
  { heading: 'One', sentences: ['A.', 'B.'] },
  { heading: null, sentences: ['C.'] },
];
const spoken = [
  [
    { text: 'A.', durationMs: 2_000 },
    { text: 'B.', durationMs: 1_000 },
  ],
  [{ text: 'C.', durationMs: 3_000 }],
];

describe('A timeline', () => {
  test('gives each sentence the time that it takes, with pauses around it', () => {
    expect(planTimeline(scenes, spoken, 60_000)).toEqual({
      titleEndMs: 2_200,
      scenes: [
        {
          heading: 'One',
          startMs: 2_200,
          endMs: 6_330,
          sentences: [
            { text: 'A.', startMs: 2_600, endMs: 4_600 },
            { text: 'B.', startMs: 4_880, endMs: 5_880 },
          ],
        },
        { heading: null, startMs: 6_330, endMs: 10_180, sentences: [{ text: 'C.', startMs: 6_730, endMs: 9_730 }] },
      ],
      durationMs: 10_180,
      tempo: 1,
      warnings: [],
    });
  });

  test('shortens pauses first, and only then speaks faster', () => {
    const tight = planTimeline(scenes, spoken, 8_500);
    expect(tight).toMatchObject({ tempo: 1, warnings: [] });
    expect(tight.durationMs).toBeCloseTo(8_500);
    const tighter = planTimeline(scenes, spoken, 7_500);
    expect(tighter.durationMs).toBeCloseTo(7_500);
    expect(tighter.tempo).toBeGreaterThan(1);
    expect(tighter.warnings).toEqual([]);
  });

  test('says how long it is at the fastest pace when that is too long', () => {
    const { tempo, warnings } = planTimeline(scenes, spoken, 3_000);
    expect(tempo).toBe(1.3);
    expect(warnings).toEqual([
      'The script takes 7 s even at the fastest pace, and 3 s were asked for: shorten it, or ask for more.',
    ]);
  });

  property.prop([
    fc.array(fc.array(fc.integer({ min: 300, max: 20_000 }), { minLength: 1, maxLength: 5 }), {
      minLength: 1,
      maxLength: 5,
    }),
    fc.integer({ min: 1, max: 200_000 }),
  ])('never overlaps, never speaks too fast, and is never too long without a warning', (lengths, most) => {
    const plan = planTimeline(
      lengths.map((list) => ({ heading: null, sentences: list.map(String) })),
      lengths.map((list) => list.map((durationMs) => ({ text: `${durationMs}`, durationMs }))),
      most,
    );
    const moments = plan.scenes.flatMap((scene) => [
      scene.startMs,
      ...scene.sentences.flatMap(({ startMs, endMs }) => [startMs, endMs]),
      scene.endMs,
    ]);
    expect(moments).toEqual(moments.toSorted((a, b) => a - b));
    expect(plan.scenes[0]?.startMs).toBe(plan.titleEndMs);
    expect(plan.scenes.at(-1)?.endMs).toBe(plan.durationMs);
    expect(plan.tempo).toBeGreaterThanOrEqual(1);
    expect(plan.tempo).toBeLessThanOrEqual(1.3);
    expect(plan.warnings.length > 0).toBe(plan.durationMs > most + 1);
  });
});
