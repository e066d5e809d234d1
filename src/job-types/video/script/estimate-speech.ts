import { planTimeline, type SpokenSentence } from './plan-timeline.ts';
import type { Scene } from './split-script.ts';
import { countColumns } from './split-words.ts';

/** What Flite takes for a letter of English at its usual pace: the mean of its voices, 60 (FEMALE), 62 (NEUTRAL) and 69 (MALE), over 3,400 letters. */
const msPerColumn = 64;
const leastMs = 500;

/** How long a sentence will take, before anybody has spoken it. */
export function estimateSpeech(scenes: readonly Scene[], speed: number): SpokenSentence[][] {
  return scenes.map((scene) =>
    scene.sentences.map((text) => ({
      text,
      durationMs: Math.max(leastMs, (countColumns(text) * msPerColumn) / speed),
    })),
  );
}

/** How long the video will be, with title and pauses. */
export function estimateDurationMs(scenes: readonly Scene[], speed: number, maxDurationMs: number): number {
  return Math.round(planTimeline(scenes, estimateSpeech(scenes, speed), maxDurationMs).durationMs);
}
