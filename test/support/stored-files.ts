import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Names of all files of a job's items in the storage below a data directory, those half-written too. */
export async function listStoredItemFiles(dataDir: string, jobId: string): Promise<string[]> {
  try {
    return (await readdir(join(dataDir, 'storage', 'items', jobId))).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
