import { templateOf } from '../../templates/template-options.ts';
import type { ItemEstimate } from '../define-job-type.ts';
import type { Item } from './item.ts';
import type { Options } from './options.ts';
import type { Resolution } from './render/output-format.ts';
import { estimateDurationMs } from './script/estimate-speech.ts';
import { splitScript } from './script/split-script.ts';

/** Of encoding on two cores, roughly: time for a second of video, and its bits. The project's own history takes their place. */
const figures: Record<Resolution, { slowdown: number; bitsPerSecond: number }> = {
  P720: { slowdown: 0.5, bitsPerSecond: 270_000 },
  P1080: { slowdown: 0.8, bitsPerSecond: 450_000 },
  P2160: { slowdown: 3.7, bitsPerSecond: 1_500_000 },
};
/** H.265 takes about twice as long as the others. */
const slowCodec = 2;
/** Speaking, starting programs, captions and thumbnail. */
const overheadMs = 2_000;
const overheadBytes = 60_000;

/** What the video of a row will take, by the length of its script. */
export function estimateItem({ script, durationSeconds }: Item, options: Options): ItemEstimate {
  const lengthMs = estimateDurationMs(splitScript(script), templateOf(options).voice.speed, durationSeconds * 1_000);
  const { slowdown, bitsPerSecond } = figures[options.resolution];
  const factor = options.videoCodec === 'H265' ? slowdown * slowCodec : slowdown;
  return {
    workMs: overheadMs + lengthMs * factor,
    bytes: overheadBytes + (lengthMs / 1_000) * (bitsPerSecond / 8),
  };
}
