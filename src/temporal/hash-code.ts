import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Names the present state of these folders and of every library as it is locked. Tests are no part of it. */
export async function hashCode(folders: readonly string[]): Promise<string> {
  const patterns = folders.map((folder) => `${folder}/**/*.ts`);
  const files = ['package-lock.json'];
  for await (const file of glob(patterns, { cwd: root })) if (!file.endsWith('.test.ts')) files.push(file);
  const hash = createHash('sha256');
  for (const file of files.toSorted()) {
    hash
      .update(`${file}\0`)
      .update(await readFile(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

/** The build that a worker of this code is: what it does to a job depends on nothing else. */
export const findBuild = (): Promise<string> => hashCode(['workflows', 'src']);
