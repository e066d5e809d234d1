import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SetupError } from './setup-error.ts';
import type { Log } from './managed-process.ts';

const run = promisify(execFile);

/** Postgres refuses to run as root, so root runs it as this user. */
export interface Account {
  uid: number;
  gid: number;
}

/** Where root keeps what the user postgres cannot reach in root's own folders. */
const sharedHome = '/var/lib/longhaul';

/** The user that Postgres must run as; null when this user will do. Creates the user postgres when there is none. */
export async function findAccount(log: Log): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const found = await lookUp();
  if (found !== null) return found;
  log.info('Creating the user postgres: Postgres refuses to run as root.');
  const reasons: string[] = [];
  for (const [command, ...args] of [
    ['useradd', '--system', '--user-group', '--no-create-home', 'postgres'],
    ['adduser', '-S', '-D', '-H', 'postgres'],
  ] as const) {
    await run(command, args).catch((error: Error) => reasons.push(error.message));
    const created = await lookUp();
    if (created !== null) return created;
  }
  throw new SetupError(
    `Postgres refuses to run as root, and the user postgres cannot be created (${reasons.join('; ')}).\nRun Longhaul as another user.`,
  );
}

async function lookUp(): Promise<Account | null> {
  try {
    const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'postgres'])));
    return uid && gid ? { uid: Number(uid.stdout), gid: Number(gid.stdout) } : null;
  } catch {
    // `id` fails when there is no such user.
    return null;
  }
}

/** Whether the account can enter a folder or execute a file, with every folder above it. */
function canReach(account: Account, path: string): boolean {
  const { status } = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], { ...account, cwd: '/' });
  return status === 0;
}

/** The folder of Postgres' data: in `dataDir`, or, when the account cannot enter that, in a shared place that `dataDir` remembers. */
export async function placeData(dataDir: string, account: Account | null, log: Log): Promise<string> {
  const near = join(dataDir, 'postgres');
  const pointer = join(dataDir, 'postgres.location');
  const moved = await readFile(pointer, 'utf8').catch(() => null);
  if (moved !== null) return moved.trim();
  if (account === null || canReach(account, dataDir)) return near;
  if (existsSync(near))
    throw new SetupError(
      `The user postgres can no longer enter ${dataDir}. Let it (chmod o+x on the folders above), or set LONGHAUL_DATA_DIR.`,
    );
  const far = join(sharedHome, `data-${randomBytes(4).toString('hex')}`);
  await mkdir(sharedHome, { recursive: true, mode: 0o755 });
  await writeFile(pointer, `${far}\n`);
  log.info(`The user postgres cannot enter ${dataDir}, so its data lies in ${far}.`);
  return far;
}

/** The folder of Postgres' programs: where npm put them, or a copy that the account can reach. */
export async function placePrograms(
  installed: string,
  version: string,
  account: Account | null,
  log: Log,
): Promise<string> {
  if (account === null || canReach(account, join(installed, 'bin', 'postgres'))) return installed;
  const copy = join(sharedHome, `postgres-${version}`);
  if (canReach(account, join(copy, 'bin', 'postgres'))) return copy;
  log.info(`The user postgres cannot reach ${installed}; copying its programs to ${copy}.`);
  const unfinished = `${copy}.${process.pid}`;
  await mkdir(sharedHome, { recursive: true, mode: 0o755 });
  await cp(installed, unfinished, { recursive: true, verbatimSymlinks: true });
  await rename(unfinished, copy).catch(async (error: Error) => {
    await rm(unfinished, { recursive: true, force: true });
    // Another process was first.
    if (!canReach(account, join(copy, 'bin', 'postgres'))) throw error;
  });
  return copy;
}
