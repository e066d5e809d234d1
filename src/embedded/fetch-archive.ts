import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { toError } from '../domain/errors.ts';
import { fillCache } from './fill-cache.ts';

/** Takes the program `name` out of an archive on the web and puts it at `target`. `tar` unpacks both kinds, .tar.gz and (on Windows) .zip. */
export async function fetchArchive(url: string, name: string, target: string): Promise<void> {
  await fillCache(target, name, async (folder) => {
    const response = await fetch(url, { signal: AbortSignal.timeout(900_000) }).catch((error: unknown) => {
      throw new Error(`${new URL(url).host} cannot be reached (${toError(toError(error).cause ?? error).message})`, {
        cause: error,
      });
    });
    if (!response.ok || response.body === null) throw new Error(`${new URL(url).host} answered ${response.status}`);
    const archive = join(folder, 'archive');
    await pipeline(response.body, createWriteStream(archive));
    await promisify(execFile)('tar', ['-xf', archive, '-C', folder], { timeout: 300_000 });
  });
}
