import type { Logger } from 'pino';
import type { DestinationAccess } from '../destinations/destinations.ts';
import { NotFoundError, StorageRefusedError, toError } from '../domain/errors.ts';
import type { FilePlace } from '../database/sql/item-files/file-place.ts';
import type { Storage } from '../storage/storage.ts';

/** The storages that files of items lie in: ours, and destinations of projects. */
export interface FileStores {
  /** @throws NotFoundError when its destination is not connected any more */
  open(place: Pick<FilePlace, 'projectId' | 'destinationId'>): Promise<Storage>;
  /**
   * Deletes files, and what dead writers left half-written of them. Those at a destination that is not connected any more, or does not
   * let us, stay: they are its owner's. Gives those that nobody has to come back for: not those at a destination that does not answer.
   */
  delete(places: readonly FilePlace[]): Promise<FilePlace[]>;
}

export interface FileStoresDeps {
  storage: Storage;
  destinations: Pick<DestinationAccess, 'openDestination'>;
  log: Logger;
}

export function createFileStores({ storage, destinations, log }: FileStoresDeps): FileStores {
  const open: FileStores['open'] = async ({ projectId, destinationId }) =>
    destinationId === null ? storage : await destinations.openDestination(projectId, destinationId);
  return {
    open,

    delete: async (places) => {
      const done: FilePlace[] = [];
      for (const together of Map.groupBy(places, ({ destinationId }) => destinationId).values()) {
        if (await deleteTogether(together)) done.push(...together);
      }
      return done;
    },
  };

  /** In one storage. */
  async function deleteTogether(places: readonly FilePlace[]): Promise<boolean> {
    const [first] = places;
    if (!first) return true;
    try {
      const opened = await open(first);
      await opened.deleteFiles(places.map(({ key }) => key));
      for (const { key, isHalfWritten } of places) if (isHalfWritten) await opened.deleteUnfinished(key);
      return true;
    } catch (thrown) {
      if (first.destinationId === null) throw thrown;
      const error = toError(thrown);
      const isOwners = error instanceof NotFoundError || (error instanceof StorageRefusedError && !error.retryable);
      // One project's store that is away must not hold up what is done for the others.
      if (!isOwners) log.warn({ event: 'destination_files_left', destination_id: first.destinationId, err: error });
      return isOwners;
    }
  }
}
