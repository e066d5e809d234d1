import { Worker } from 'node:worker_threads';
import pLimit from 'p-limit';
import { InvalidInputError, LimitExceededError, ProviderError, toError } from '../domain/errors.ts';
import type { StillInput } from '../job-types/video/render/render-still.ts';

/** What a drawing thread is asked to do: draw a frame, or see whether a picture can be decoded. */
export type DrawingTask = { kind: 'STILL'; input: StillInput } | { kind: 'DECODE'; path: string };

export type DrawingResult =
  | { state: 'DONE'; png: Uint8Array; warnings: readonly string[] }
  | { state: 'REFUSED'; message: string };

const maxWaiting = 20;
const timeoutMs = 20_000;
/** Of its heap; pixels lie outside of it and are bounded by the sizes that we let in. */
const maxHeapMb = 512;
/** One at a time: it takes a core while it lasts. */
const turns = pLimit(1);

/**
 * Does a task in a thread of its own: drawing takes a core for some tenths of a second, in which this one goes on answering, and a
 * picture that is too much ends the thread alone. @throws InvalidInputError, LimitExceededError when too many wait
 */
export async function drawInThread(task: DrawingTask): Promise<{ png: Buffer; warnings: readonly string[] }> {
  if (turns.pendingCount >= maxWaiting) {
    const limit = { limit: maxWaiting, retryAfterMs: 2_000 };
    throw new LimitExceededError('Too many pictures are being drawn: try again in two seconds.', limit);
  }
  const result = await turns(() => runTask(task));
  if (result.state === 'REFUSED') throw new InvalidInputError(result.message);
  return { png: Buffer.from(result.png), warnings: result.warnings };
}

async function runTask(task: DrawingTask): Promise<DrawingResult> {
  const thread = new Worker(new URL('./still-thread.ts', import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
  });
  const timer = setTimeout(() => void thread.terminate(), timeoutMs);
  try {
    return await new Promise<DrawingResult>((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
      thread.once('exit', () => reject(new Error(`it took more than ${timeoutMs / 1_000} s`)));
    });
  } catch (thrown) {
    const cause = toError(thrown);
    throw new ProviderError(`The picture could not be drawn: ${cause.message}.`, { provider: 'drawing', cause });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}
