import type { Writable } from 'node:stream';
import type { Painter } from '../draw/painter.ts';
import type { FrameSize } from './output-format.ts';

export interface FramesInput {
  painter: Painter;
  size: FrameSize;
  frames: number;
  framesPerSecond: number;
  out: Writable;
  signal: AbortSignal;
  /** After a frame was painted. */
  onFrame(frame: number): void | Promise<void>;
}

/**
 * Writes all frames, no faster than they are taken. One frame is held in memory, and the next is painted while it goes out.
 * Ends early, without an error, when nobody reads any more.
 */
export async function pipeFrames({ painter, size, frames, framesPerSecond, out, signal, onFrame }: FramesInput) {
  const pixels = Buffer.alloc(size.width * size.height * 4);
  const rowBytes = size.width * 4;
  let sent = Promise.resolve(true);
  for (let frame = 0; frame < frames; frame += 1) {
    const patches = painter.paint((frame * 1_000) / framesPerSecond);
    await onFrame(frame);
    if (!(await sent)) return;
    signal.throwIfAborted();
    for (const { top, pixels: changed } of patches) pixels.set(changed, top * rowBytes);
    sent = new Promise((resolve) => {
      out.write(pixels, (error) => resolve(error === null || error === undefined));
    });
  }
  if (await sent) out.end();
}
