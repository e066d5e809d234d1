import { chmod, mkdir, realpath, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { toError } from '../domain/errors.ts';
import { SetupError } from './setup-error.ts';

/** Postgres' log of changes alone may take 2 GB under load, but most runs need much less than this. */
const leastFreeBytes = 2 ** 30;

/** Makes the data folder with its folder of logs and answers its real path. @throws SetupError when it cannot be written to or the disk is almost full. */
export async function openDataDir(folder: string): Promise<string> {
  try {
    const made = await mkdir(folder, { recursive: true });
    // Others may pass through, so that Postgres' own user gets to its data, but not look around.
    if (made !== undefined) await chmod(folder, 0o711);
    await mkdir(join(folder, 'logs'), { recursive: true });
  } catch (error) {
    throw new SetupError(
      `The data folder ${folder} cannot be written to (${toError(error).message}).\nMake it writable, or set LONGHAUL_DATA_DIR.`,
      { cause: error },
    );
  }
  const free = await freeBytes(folder);
  if (free < leastFreeBytes)
    throw new SetupError(
      `The disk of ${folder} has ${Math.floor(free / 2 ** 20)} MB left, and Longhaul needs 1 GB.\nMake room, or set LONGHAUL_DATA_DIR to another disk.`,
    );
  return realpath(folder);
}

/** Bytes that this user may still write on the disk of `path`. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
