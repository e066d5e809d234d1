import { join } from 'node:path';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import type { Config } from '../config.ts';
import { ConflictError, StorageRefusedError } from '../domain/errors.ts';
import { createBucketStorage } from '../storage/bucket-storage.ts';
import { createLocalDiskStorage } from '../storage/local-disk.ts';
import { StorageProblemError } from '../storage/storage-problem.ts';
import type { Storage } from '../storage/storage.ts';
import type { CheckedRequest } from './destination-request.ts';

export type OpenConfig = Pick<Config, 'destinationsDir' | 'gcsEndpoint' | 'fetch'>;

/**
 * The storage of a destination. Addresses are checked as they are connected to, as those of sources are. What it refuses is
 * the project's to know and to put right: a StorageRefusedError.
 */
export async function openDestinationStorage(
  { settings, credentials }: CheckedRequest,
  projectId: string,
  { destinationsDir, gcsEndpoint, fetch }: OpenConfig,
): Promise<Storage> {
  const { kind, bucket, prefix, region, endpoint } = settings;
  if (kind === 'FOLDER') {
    if (destinationsDir !== null) {
      return refusing(createLocalDiskStorage(join(destinationsDir, projectId, bucket)), settings.name);
    }
    throw new ConflictError(
      'This server allows no folders as destinations. Whoever runs it can name one for them by LONGHAUL_DESTINATIONS_DIR; else use a bucket.',
    );
  }
  if (credentials && 'accessKeyId' in credentials) {
    const options = { keepAlive: true, allowIPAddressList: [...fetch.allowedNetworks] };
    const agents = {
      httpAgent: new RequestFilteringHttpAgent(options),
      httpsAgent: new RequestFilteringHttpsAgent(options),
    };
    const { createS3Bucket } = await import('../storage/s3-bucket.ts');
    const opened = createS3Bucket({
      bucket,
      region: region ?? null,
      endpoint: endpoint ?? null,
      credentials,
      agents,
    });
    return refusing(createBucketStorage(opened, prefix), settings.name);
  }
  if (!credentials) throw new Error(`Destination ${settings.name} has no credentials.`);
  const { createGcsBucket } = await import('../storage/gcs-bucket.ts');
  return refusing(
    createBucketStorage(createGcsBucket({ bucket, endpoint: gcsEndpoint, credentials }), prefix),
    settings.name,
  );
}

/** What a disk refuses; null for anything else. The path is nobody's business but the operator's. */
function toFolderProblem(error: unknown): StorageProblemError | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  switch (error.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StorageProblemError('NO_PERMISSION', 'the server may not write to the folder.', error);
    case 'ENOSPC':
      return new StorageProblemError('OTHER', 'the disk of the folder is full.', error);
    default:
      return null;
  }
}

function refusing(storage: Storage, name: string): Storage {
  const orRefuse =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      try {
        return await call(...args);
      } catch (error) {
        const found = error instanceof StorageProblemError ? error : toFolderProblem(error);
        if (!found) throw error;
        throw new StorageRefusedError(`Destination ${JSON.stringify(name)}: ${found.message}`, found.problem, found);
      }
    };
  return {
    put: orRefuse(storage.put),
    putIfAbsent: orRefuse(storage.putIfAbsent),
    write: orRefuse(storage.write),
    draftSize: orRefuse(storage.draftSize),
    get: orRefuse(storage.get),
    head: orRefuse(storage.head),
    list: orRefuse(storage.list),
    delete: orRefuse(storage.delete),
    deleteFiles: orRefuse(storage.deleteFiles),
    deleteUnfinished: orRefuse(storage.deleteUnfinished),
    deleteAbandoned: orRefuse(storage.deleteAbandoned),
    linkTo: orRefuse(storage.linkTo),
  };
}
