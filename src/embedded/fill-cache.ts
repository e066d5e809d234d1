import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const prefix = '.fetch-';
/** No fetch takes so long. */
const deadAfterMs = 3 * 3_600_000;

/**
 * Lets `fetch` fill an empty folder, finds the program `name` in it and moves that to `target` in one step: several
 * processes may do it at once, and one that is killed leaves nothing half-done at `target`, but its folder for a later one to remove.
 */
export async function fillCache(target: string, name: string, fetch: (folder: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  await sweep(dirname(target));
  const folder = await mkdtemp(join(dirname(target), prefix));
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

/** Removes what killed processes left. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(parent, name);
    const isDead = await stat(folder).then(
      ({ mtimeMs }) => mtimeMs < Date.now() - deadAfterMs,
      // Its process has just removed it.
      () => false,
    );
    if (isDead) await rm(folder, { recursive: true, force: true });
  }
}
