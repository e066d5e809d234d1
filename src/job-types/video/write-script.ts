import type { FileStageContext, ItemOutcome, StageContext, WorkItem } from '../define-job-type.ts';
import type { Item } from './item.ts';
import type { Options } from './options.ts';
import { estimateDurationMs } from './script/estimate-speech.ts';
import { splitScript } from './script/split-script.ts';

/** Looks at a script before anything is spent on it. @throws InvalidInputError when nothing in it can be spoken */
export function writeScript(
  item: WorkItem<Item>,
  { options, report }: StageContext<Options> & FileStageContext,
): ItemOutcome<never> {
  const { script, durationSeconds } = item.input;
  const scenes = splitScript(script);
  const wanted = estimateDurationMs(scenes, options.template.voice.speed, Infinity);
  const bounded = estimateDurationMs(scenes, options.template.voice.speed, durationSeconds * 1_000);
  const warning =
    bounded > durationSeconds * 1_000
      ? `The script takes about ${toSeconds(wanted)} s and even faster speech does not fit it into ${durationSeconds} s: shorten it, or allow more.`
      : undefined;
  report(item, {
    percent: 100,
    step: `Script of ${scenes.length} scenes`,
    ...(warning === undefined ? {} : { warning }),
  });
  return { state: 'SUCCEEDED' };
}

function toSeconds(ms: number): number {
  return Math.round(ms / 1_000);
}
