import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Storage } from '../storage/storage.ts';

/** Writes a small file, reads it and deletes it. @throws what the storage throws; Error when it reads something else */
export async function probeStorage(storage: Storage): Promise<void> {
  const key = `longhaul-probe-${randomUUID()}`;
  await storage.put(key, Readable.from([key]), { contentType: 'text/plain' });
  const found = await text(await storage.get(key)).catch(async (error: unknown) => {
    // Without reading it may still be deleted; what it cannot do is told first.
    await storage.delete(key).catch(() => undefined);
    throw error;
  });
  await storage.delete(key);
  if (found !== key) throw new Error('The storage gave back something else than was stored.');
}
