import type { FrameSize, VideoCodec } from './output-format.ts';

export interface RenderNeeds {
  memoryBytes: number;
  diskBytes: number;
}

/** ffmpeg's peak, measured at 720p, 1080p and 2160p: a part of its own, and a part for each pixel. */
const encoder: Record<VideoCodec, { bytes: number; bytesPerPixel: number }> = {
  H264: { bytes: 220e6, bytesPerPixel: 145 },
  H265: { bytes: 300e6, bytesPerPixel: 200 },
  VP9: { bytes: 240e6, bytesPerPixel: 180 },
};
/** Background, canvas, frame and what is read back. */
const drawingBytesPerPixel = 4 * 4;
/** Speech and narration of one channel, mix of two, with 48,000 samples of 2 bytes a second. */
const soundBytesPerMs = 4 * 96;
/** Twice what text on a plain page takes, and twice again: the file is written anew to put its index first. */
const videoBytesPerPixelSecond = 0.6;

/** What rendering takes at its peak, of this process and ffmpeg together. */
export function renderNeeds(size: FrameSize, videoCodec: VideoCodec, durationMs: number): RenderNeeds {
  const pixels = size.width * size.height;
  const { bytes, bytesPerPixel } = encoder[videoCodec];
  return {
    memoryBytes: Math.ceil(bytes + pixels * (bytesPerPixel + drawingBytesPerPixel)),
    diskBytes: Math.ceil(durationMs * soundBytesPerMs + (durationMs / 1_000) * pixels * videoBytesPerPixelSecond),
  };
}
