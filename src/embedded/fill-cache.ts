import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Lets `fetch` fill an empty folder, finds the program `name` in it and moves that to `target` in one step: several
 * processes may do it at once, and one that is killed leaves nothing half-done at `target`.
 */
export async function fillCache(target: string, name: string, fetch: (folder: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(join(dirname(target), '.fetch-'));
  try {
    await fetch(folder);
    const wanted = [name, `${name}.exe`];
    const found = (await readdir(folder, { recursive: true, withFileTypes: true })).find(
      (entry) => entry.isFile() && wanted.includes(entry.name),
    );
    if (found === undefined) throw new Error(`no ${name} was in what came`);
    const program = join(found.parentPath, found.name);
    await chmod(program, 0o755);
    await rename(program, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
