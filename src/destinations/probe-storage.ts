import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { StorageRefusedError } from '../domain/errors.ts';
import type { Storage } from '../storage/storage.ts';

/** The destination of this name, which has so long to show that it works: somebody waits for the answer. */
export interface Probe {
  name: string;
  timeoutMs: number;
}

/**
 * Writes a small file, reads it and deletes it. @throws what the storage throws; StorageRefusedError when it does not answer in
 * time; Error when it reads something else
 */
export async function probeStorage(storage: Storage, { name, timeoutMs }: Probe): Promise<void> {
  const isOver = new AbortController();
  const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), isOver.signal]);
  const late = once(signal, 'abort').then(() => {
    throw new StorageRefusedError(
      `Destination ${JSON.stringify(name)}: it took longer than ${timeoutMs / 1_000} s to write, read and delete a small file. Check the endpoint, and that this server may reach it.`,
      'UNREACHABLE',
    );
  });
  try {
    await Promise.race([writeReadDelete(storage, signal), late]);
  } finally {
    isOver.abort();
    await late.catch(() => undefined);
  }
}

async function writeReadDelete(storage: Storage, signal: AbortSignal): Promise<void> {
  const key = `longhaul-probe-${randomUUID()}`;
  await storage.put(key, Readable.from([key]), { contentType: 'text/plain', signal });
  const found = await text(await storage.get(key)).catch(async (error: unknown) => {
    // Without reading it may still be deleted; what it cannot do is told first.
    await storage.delete(key).catch(() => undefined);
    throw error;
  });
  await storage.delete(key);
  if (found !== key) throw new Error('The storage gave back something else than was stored.');
}
