import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SetupError } from './setup-error.ts';

export interface DataDirLock {
  release(): void;
}

/**
 * Takes the data folder for this process. The lock is SQLite's file lock: the system drops it with the process, however
 * that ends, so there is never a stale one. @throws SetupError when another process holds it.
 */
export async function lockDataDir(dataDir: string): Promise<DataDirLock> {
  const pidFile = join(dataDir, 'longhaul.pid');
  const lock = new DatabaseSync(join(dataDir, 'longhaul.lock'));
  try {
    lock.exec('begin exclusive');
  } catch (error) {
    lock.close();
    const pid = (await readFile(pidFile, 'utf8').catch(() => '')).trim();
    throw new SetupError(
      `Longhaul runs already on ${dataDir}${pid === '' ? '' : ` (process ${pid})`}.\nUse that one, stop it, or set LONGHAUL_DATA_DIR and LONGHAUL_PORT for a second one.`,
      { cause: error },
    );
  }
  await writeFile(pidFile, `${process.pid}\n`);
  return { release: () => lock.close() };
}
