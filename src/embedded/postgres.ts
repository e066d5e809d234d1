import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, openSync, closeSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { keepSecret } from './keep-secret.ts';
import { startManagedProcess, type Log, type ManagedProcess } from './managed-process.ts';
import { findPostgresPrograms } from './postgres-programs.ts';
import { endProcesses, findProcesses, type ProcessMark } from './processes.ts';
import { findAccount, placeData, placePrograms, type Account } from './reachable-paths.ts';
import { SetupError } from './setup-error.ts';

export interface Postgres {
  /** With its password. */
  url(port: number): string;
  /** Ends a server that a killed parent left on this data. */
  endLeftovers(): Promise<number>;
  start(port: number): Promise<ManagedProcess>;
}

/** Bulk work on a small machine. `fsync` stays on: what is committed survives a power cut. */
const tuning = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  wal_compression: 'on',
  max_wal_size: '2GB',
  min_wal_size: '256MB',
  checkpoint_timeout: '15min',
  checkpoint_completion_target: '0.9',
  random_page_cost: '1.1',
  jit: 'off',
  // Bulk inserts outgrow the statistics within a job; the planner must see it soon.
  autovacuum_naptime: '15s',
  log_timezone: 'UTC',
  timezone: 'UTC',
  log_min_messages: 'warning',
};

const user = 'longhaul';
const databaseName = 'longhaul';

/** Prepares Postgres in `dataDir` (initdb on the first run); nothing runs yet. @throws SetupError */
export async function openPostgres({ dataDir, log }: { dataDir: string; log: Log }): Promise<Postgres> {
  const account = await findAccount(log);
  const installed = await findPostgresPrograms();
  const programs = await placePrograms(installed.folder, installed.version, account, log);
  const data = await placeData(dataDir, account, log);
  const password = await keepPassword(join(dataDir, 'postgres-password'), existsSync(data));
  const program = join(programs, 'bin', 'postgres');
  const mark: ProcessMark = { program: 'postgres', argument: `-D ${data}` };
  const logFile = join(dataDir, 'logs', 'postgres.log');
  const major = installed.version.split('.')[0] ?? '';
  await initialize({ data, programs, account, password, log, major });

  const url = (port: number, name = databaseName) => `postgres://${user}:${password}@127.0.0.1:${port}/${name}`;
  const endLeftovers = () => endProcesses(mark, 'SIGINT');

  const start = (port: number): Promise<ManagedProcess> => {
    const settings = Object.entries(tuning).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return startManagedProcess({
      name: 'Postgres',
      log,
      logFile,
      prepare: async () => {
        await endLeftovers();
        await removeStalePidFile(data, mark);
      },
      launch: () => {
        const output = openSync(logFile, 'a');
        // Its own process group: Ctrl-C in the terminal must reach the workers first.
        const child = spawn(program, ['-D', data, '-p', String(port), ...settings], {
          ...account,
          cwd: data,
          env: { LC_ALL: 'C' },
          stdio: ['ignore', output, output],
          detached: true,
        });
        closeSync(output);
        return child;
      },
      ready: (signal) => createDatabase(url(port, 'postgres'), signal),
      // Recovery after a kill replays up to max_wal_size.
      readyTimeoutMs: 300_000,
      stopSignal: 'SIGINT',
      killSignal: 'SIGQUIT',
      graceMs: 60_000,
      // The first tries fail while orphaned backends of a killed server still hold its shared memory.
      attempts: 4,
    });
  };
  return { url, endLeftovers, start };
}

/** Whole or not at all: a run that is killed during initdb leaves only a folder that the next run removes. */
async function initialize(options: {
  data: string;
  programs: string;
  account: Account | null;
  password: string;
  log: Log;
  major: string;
}): Promise<void> {
  const { data, account, major } = options;
  const found = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => null);
  if (found?.trim() === major) return;
  if (found !== null)
    throw new SetupError(
      `${data} was made by Postgres ${found.trim()}, and this is ${major}. Move it away, or dump and restore it.`,
    );
  if (existsSync(data))
    throw new SetupError(
      `${data} is not readable, or no Postgres data. If another user made it, run Longhaul as that user; else move it away.`,
    );
  options.log.info('Making a Postgres database (once) …');
  const unfinished = `${data}.unfinished`;
  const passwordFile = `${data}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, options.password, { mode: 0o600 });
  try {
    if (account !== null) for (const path of [unfinished, passwordFile]) await chown(path, account.uid, account.gid);
    await promisify(execFile)(
      join(options.programs, 'bin', 'initdb'),
      [
        '-D',
        unfinished,
        '-U',
        user,
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      { ...account, cwd: unfinished, env: { LC_ALL: 'C' } },
    );
  } catch (error) {
    throw new SetupError(`Postgres cannot make its database in ${data}: ${describe(error)}`, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(unfinished, data);
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'stderr' in error && typeof error.stderr === 'string' && error.stderr !== ''
    ? error.stderr.trim()
    : error.message;
}

async function keepPassword(path: string, hasData: boolean): Promise<string> {
  if (hasData && !existsSync(path))
    throw new SetupError(
      `${path} is missing, so Longhaul cannot open its Postgres data. Restore it, or move the data folder away.`,
    );
  return keepSecret(path, () => randomBytes(24).toString('hex'));
}

/** Postgres refuses to start while the process number in its pid file lives, though it may be another program's by now. */
async function removeStalePidFile(data: string, mark: ProcessMark): Promise<void> {
  const running = await findProcesses(mark);
  if (running.length === 0) await rm(join(data, 'postmaster.pid'), { force: true });
}

async function createDatabase(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rowCount } = await client.query('select from pg_database where datname = $1', [databaseName]);
      if (rowCount === 0) await client.query(`create database ${databaseName}`);
      return;
    } catch (error) {
      // Refused while it starts, 57P03 while it recovers.
      if (signal.aborted) throw error;
      await delay(50, undefined, { signal });
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
