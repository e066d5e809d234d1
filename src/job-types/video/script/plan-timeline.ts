import type { Scene } from './split-script.ts';

/** A sentence that has been spoken. */
export interface SpokenSentence {
  text: string;
  durationMs: number;
}

export interface TimedSentence {
  text: string;
  startMs: number;
  endMs: number;
}

export interface TimedScene {
  heading: string | null;
  startMs: number;
  endMs: number;
  sentences: TimedSentence[];
}

export interface Timeline {
  /** The title card is seen from 0 to here. */
  titleEndMs: number;
  scenes: TimedScene[];
  durationMs: number;
  /** Factor of the pace of speech that fits it in; the times above are those at this pace. */
  tempo: number;
  warnings: string[];
}

const usualMs = { title: 2_200, beforeScene: 400, betweenSentences: 280, afterScene: 450 };
/** How short pauses may get before anybody speaks faster. */
const shortestPauses = 0.5;
/** Faster than this is not understood any more. */
const fastestTempo = 1.3;

/**
 * When each scene and sentence is seen and heard. The script decides how long the video is; where that is longer than
 * `maxDurationMs`, pauses get shorter first, then speech gets faster, and what still does not fit is a warning.
 */
export function planTimeline(
  scenes: readonly Scene[],
  spoken: readonly (readonly SpokenSentence[])[],
  maxDurationMs: number,
): Timeline {
  const speechMs = spoken.flat().reduce((sum, sentence) => sum + sentence.durationMs, 0);
  const pausesMs = spoken.reduce(
    (sum, sentences) =>
      sum + usualMs.beforeScene + usualMs.afterScene + usualMs.betweenSentences * (sentences.length - 1),
    usualMs.title,
  );
  const pauses = clamp((maxDurationMs - speechMs) / pausesMs, shortestPauses, 1);
  const tempo = clamp(speechMs / (maxDurationMs - pausesMs * pauses), 1, fastestTempo);
  const timed = layOut(scenes, spoken, pauses, tempo);
  return { ...timed, tempo, warnings: warnOfLength(timed.durationMs, maxDurationMs) };
}

function layOut(
  scenes: readonly Scene[],
  spoken: readonly (readonly SpokenSentence[])[],
  pauses: number,
  tempo: number,
): Pick<Timeline, 'titleEndMs' | 'scenes' | 'durationMs'> {
  const titleEndMs = usualMs.title * pauses;
  let now = titleEndMs;
  const timedScenes = scenes.map((scene, index): TimedScene => {
    const startMs = now;
    now += usualMs.beforeScene * pauses;
    const sentences = (spoken[index] ?? []).map(({ text, durationMs }, position): TimedSentence => {
      if (position > 0) now += usualMs.betweenSentences * pauses;
      const start = now;
      now += durationMs / tempo;
      return { text, startMs: start, endMs: now };
    });
    now += usualMs.afterScene * pauses;
    return { heading: scene.heading, startMs, endMs: now, sentences };
  });
  return { titleEndMs, scenes: timedScenes, durationMs: now };
}

function warnOfLength(durationMs: number, maxDurationMs: number): string[] {
  if (durationMs <= maxDurationMs + 1) return [];
  const seconds = (ms: number) => `${Math.ceil(ms / 1_000)} s`;
  return [
    `The script takes ${seconds(durationMs)} even at the fastest pace, and ${seconds(maxDurationMs)} were asked for: shorten it, or ask for more.`,
  ];
}

/** A time that leaves no room at all (negative, or infinite by a division by zero) asks for the most. */
function clamp(value: number, least: number, most: number): number {
  if (value < 0 && least === 1) return most;
  return Math.min(most, Math.max(least, value));
}
