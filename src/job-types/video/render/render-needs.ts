import type { FrameSize, VideoCodec } from './output-format.ts';

export interface RenderNeeds {
  memoryBytes: number;
  diskBytes: number;
}

/** ffmpeg's peak of resident memory: a part of its own, and a part for each pixel. `bench/render-needs.ts` at all three resolutions. */
const encoder: Record<VideoCodec, { bytes: number; bytesPerPixel: number }> = {
  H264: { bytes: 70e6, bytesPerPixel: 140 },
  H265: { bytes: 90e6, bytesPerPixel: 156 },
  VP9: { bytes: 100e6, bytesPerPixel: 151 },
};
/** What this process grows by: background, title card, frame, and what was read back and is not collected yet. The same bench. */
const drawing = { bytes: 50e6, bytesPerPixel: 45 };
/** Speech and narration of one channel, mix of two, with 48,000 samples of 2 bytes a second. */
const soundBytesPerMs = 4 * 96;
/** Four times what text on a plain page took with H.264, whose videos were the largest. The same bench. */
const videoBytesPerPixelSecond = 0.15;

/** What rendering takes at its peak, of this process and ffmpeg together. */
export function renderNeeds(size: FrameSize, videoCodec: VideoCodec, durationMs: number): RenderNeeds {
  const pixels = size.width * size.height;
  const { bytes, bytesPerPixel } = encoder[videoCodec];
  return {
    memoryBytes: Math.ceil(bytes + drawing.bytes + pixels * (bytesPerPixel + drawing.bytesPerPixel)),
    diskBytes: Math.ceil(durationMs * soundBytesPerMs + (durationMs / 1_000) * pixels * videoBytesPerPixelSecond),
  };
}
