import { templateOf } from '../../templates/template-options.ts';
import type { ItemEstimate } from '../define-job-type.ts';
import type { Item } from './item.ts';
import { toFormat, type Options } from './options.ts';
import type { Resolution, VideoCodec } from './render/output-format.ts';
import { estimateDurationMs } from './script/estimate-speech.ts';
import { splitScript } from './script/split-script.ts';

/**
 * Seconds of processor for a second of video, and its bits, as `bench/render-needs.ts` measured them (MP4; WebM for VP9). The
 * project's own history takes their place.
 */
const figures: Record<Resolution, Record<VideoCodec, { processorSeconds: number; bitsPerSecond: number }>> = {
  P720: {
    H264: { processorSeconds: 0.35, bitsPerSecond: 400_000 },
    H265: { processorSeconds: 0.7, bitsPerSecond: 270_000 },
    VP9: { processorSeconds: 0.3, bitsPerSecond: 360_000 },
  },
  P1080: {
    H264: { processorSeconds: 0.7, bitsPerSecond: 600_000 },
    H265: { processorSeconds: 1.6, bitsPerSecond: 340_000 },
    VP9: { processorSeconds: 0.6, bitsPerSecond: 510_000 },
  },
  P2160: {
    H264: { processorSeconds: 2.6, bitsPerSecond: 1_500_000 },
    H265: { processorSeconds: 5.6, bitsPerSecond: 560_000 },
    VP9: { processorSeconds: 1.9, bitsPerSecond: 1_000_000 },
  },
};
/** Of the two that an encoding has: on a quiet machine 1080p with H.264 kept so many busy. */
const busyProcessors = 1.5;
/** Speaking, starting programs, captions and thumbnail. */
const overheadMs = 2_000;
const overheadBytes = 60_000;

/** What the video of a row will take, by the length of its script. */
export function estimateItem({ script, durationSeconds }: Item, options: Options): ItemEstimate {
  const lengthMs = estimateDurationMs(splitScript(script), templateOf(options).voice.speed, durationSeconds * 1_000);
  const { processorSeconds, bitsPerSecond } = figures[options.resolution][toFormat(options).videoCodec];
  return {
    workMs: overheadMs + (lengthMs * processorSeconds) / busyProcessors,
    bytes: overheadBytes + (lengthMs / 1_000) * (bitsPerSecond / 8),
  };
}
