import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { loadImage } from '@napi-rs/canvas';
import { InvalidInputError, toError } from '../domain/errors.ts';
import { renderStill } from '../job-types/video/render/render-still.ts';
import type { DrawingResult, DrawingTask } from './still-drawing.ts';

// Only still-drawing.ts starts this thread.
const task = workerData as DrawingTask;
parentPort?.postMessage(await run());

async function run(): Promise<DrawingResult> {
  try {
    if (task.kind === 'STILL') return { state: 'DONE', ...(await renderStill(task.input)) };
    await loadImage(await readFile(task.path));
    return { state: 'DONE', png: new Uint8Array(), warnings: [] };
  } catch (thrown) {
    const error = toError(thrown);
    if (task.kind === 'DECODE') return { state: 'REFUSED', message: `is no whole picture: ${error.message}.` };
    if (error instanceof InvalidInputError) return { state: 'REFUSED', message: error.message };
    throw error;
  }
}
