import type { Writable } from 'node:stream';
import type { Painter } from '../draw/painter.ts';
import type { FrameSize } from './output-format.ts';
import { createYuvFrame } from './yuv-frame.ts';

export interface FramesInput {
  painter: Painter;
  size: FrameSize;
  frames: number;
  framesPerSecond: number;
  out: Writable;
  signal: AbortSignal;
  /** After a frame was painted. */
  onFrame(frame: number): void;
}

/**
 * Writes all frames as YUV 4:2:0, no faster than they are taken. One frame is held in memory, and the next is painted while it goes out.
 * Ends early, without an error, when nobody reads any more.
 */
export async function pipeFrames({ painter, size, frames, framesPerSecond, out, signal, onFrame }: FramesInput) {
  const image = createYuvFrame(size);
  let sent = Promise.resolve(true);
  for (let frame = 0; frame < frames; frame += 1) {
    const patches = painter.paint((frame * 1_000) / framesPerSecond);
    onFrame(frame);
    if (!(await sent)) return;
    signal.throwIfAborted();
    for (const patch of patches) image.draw(patch);
    sent = new Promise((resolve) => {
      out.write(image.bytes, (error) => resolve(error === null || error === undefined));
    });
  }
  if (await sent) out.end();
}
