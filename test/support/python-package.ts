import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readProgramPlaces } from '../../src/config/program-places.ts';
import { findPip } from '../../src/embedded/fetch-from-pip.ts';

const run = promisify(execFile);

/** The folder for PYTHONPATH in which Python finds a package; installed once into Longhaul's cache, whatever the machine has. */
export async function findPythonPackage(name: string): Promise<string> {
  const python = await findPip();
  const { stdout } = await run(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
  const { cacheDir } = readProgramPlaces();
  const target = join(cacheDir, `${name}-for-python-${stdout.trim()}`);
  if (await isThere(target)) return target;
  await mkdir(cacheDir, { recursive: true });
  const folder = await mkdtemp(join(cacheDir, '.fetch-'));
  try {
    const options = ['--quiet', '--disable-pip-version-check', '--only-binary=:all:'];
    await run(python, ['-m', 'pip', 'install', ...options, '--target', folder, name], { timeout: 900_000 });
    // In one step: a run that is killed leaves nothing half-done, and of two at once one is enough.
    await rename(folder, target).catch(async (error: unknown) => {
      if (!(await isThere(target))) throw error;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return target;
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
