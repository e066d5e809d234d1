import type { DestinationAccess } from '../destinations/destinations.ts';
import { NotFoundError, StorageRefusedError, toError } from '../domain/errors.ts';
import type { FilePlace } from '../database/sql/item-files/file-place.ts';
import type { Storage } from '../storage/storage.ts';

/** The storages that files of items lie in: ours, and destinations of projects. */
export interface FileStores {
  /** @throws NotFoundError when its destination is not connected any more */
  open(place: Pick<FilePlace, 'projectId' | 'destinationId'>): Promise<Storage>;
  /** Deletes files. One at a destination that is not connected any more, or does not let us, stays: it is its owner's. */
  delete(places: readonly FilePlace[]): Promise<void>;
}

export interface FileStoresDeps {
  storage: Storage;
  destinations: Pick<DestinationAccess, 'openDestination'>;
}

export function createFileStores({ storage, destinations }: FileStoresDeps): FileStores {
  const open: FileStores['open'] = async ({ projectId, destinationId }) =>
    destinationId === null ? storage : await destinations.openDestination(projectId, destinationId);
  return {
    open,
    delete: async (places) => {
      for (const place of places) {
        try {
          await (await open(place)).delete(place.key);
        } catch (thrown) {
          const error = toError(thrown);
          const isOwners = error instanceof NotFoundError || (error instanceof StorageRefusedError && !error.retryable);
          if (place.destinationId === null || !isOwners) throw error;
        }
      }
    },
  };
}
