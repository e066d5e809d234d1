import { pino } from 'pino';
import { createFileStores, type FileStores } from '../../src/item-files/file-stores.ts';
import type { Storage } from '../../src/storage/storage.ts';

/** One storage, and no destinations. */
export function createTestStores(storage: Storage): FileStores {
  return createFileStores({
    storage,
    log: pino({ level: 'silent' }),
    destinations: { openDestination: () => Promise.reject(new Error('This test has no destinations.')) },
  });
}
