import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { toError } from '../../domain/errors.ts';

/** A folder for the temporary files of this process. */
export interface WorkRoot {
  path: string;
  /** A new folder in it; its user removes it. */
  createFolder(prefix: string): Promise<string>;
  /** Removes all of it. */
  close(): Promise<void>;
}

const lockSuffix = '.lock';

/**
 * Makes a folder for this process in `parent`, and removes those of processes that died: each holds a file lock, which the
 * system drops with the process, however that ends.
 */
export async function openWorkRoot(parent: string): Promise<WorkRoot> {
  await mkdir(parent, { recursive: true });
  await sweep(parent);
  const { id, lock } = claim(parent);
  const path = join(parent, id);
  await mkdir(path);
  return {
    path,
    createFolder: (prefix) => mkdtemp(join(path, `${prefix}-`)),
    async close() {
      await rm(path, { recursive: true, force: true });
      lock.close();
      await rm(join(parent, id + lockSuffix), { force: true });
    },
  };
}

/** For a process that seldom needs one: nothing is made, or swept, before the first folder is. */
export function createLazyWorkRoot(parent: string): Omit<WorkRoot, 'path'> {
  let opening: Promise<WorkRoot> | null = null;
  return {
    createFolder: async (prefix) => {
      opening ??= openWorkRoot(parent).catch((thrown: unknown) => {
        // A disk that was full may have room the next time.
        opening = null;
        throw toError(thrown);
      });
      return await (await opening).createFolder(prefix);
    },
    close: async () => await (await opening)?.close(),
  };
}

function claim(parent: string): { id: string; lock: DatabaseSync } {
  for (;;) {
    const id = randomUUID();
    const file = join(parent, id + lockSuffix);
    const lock = takeLock(file);
    // Another process may have swept the file away between its making and its lock.
    if (lock !== null && existsSync(file)) return { id, lock };
    lock?.close();
  }
}

async function sweep(parent: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => name.endsWith(lockSuffix));
  for (const name of names) {
    const lock = takeLock(join(parent, name));
    if (lock === null) continue;
    // The folder first: a lock file without a folder is swept again, a folder without a lock file never.
    await rm(join(parent, name.slice(0, -lockSuffix.length)), { recursive: true, force: true });
    await rm(join(parent, name), { force: true });
    lock.close();
  }
}

/** Null while another process has it. */
function takeLock(file: string): DatabaseSync | null {
  const database = new DatabaseSync(file);
  try {
    // Nothing is ever written, so there is no journal to leave behind either.
    database.exec('pragma journal_mode = memory; begin exclusive');
    return database;
  } catch {
    database.close();
    return null;
  }
}
