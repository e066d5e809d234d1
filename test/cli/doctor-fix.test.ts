import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readProgramPlaces } from '../../src/config/program-places.ts';
import { isExecutable } from '../../src/embedded/find-program.ts';
import { findTemporalCli } from '../../src/embedded/temporal-programs.ts';
import { createEspeakSpeech } from '../../src/providers/speech/espeak-ng.ts';
import { findTestMedia } from '../support/media-programs.ts';

const longhaul = fileURLToPath(new URL('../../src/cli/longhaul.ts', import.meta.url));
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhaul-fix-'));
  await mkdir(join(folder, 'bin'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the doctor on a machine that has these programs, and in an empty cache. Temporal and ffmpeg are named by their variables. */
async function doctor(programs: readonly string[], ...words: string[]) {
  for (const name of programs) await link(name);
  const log = { info: () => undefined, warn: () => undefined };
  const { ffmpeg, ffprobe } = await findTestMedia();
  const env = {
    // With what says where registries are.
    ...process.env,
    ESPEAK_NG: '',
    PATH: join(folder, 'bin'),
    LONGHAUL_CACHE_DIR: join(folder, 'cache'),
    LONGHAUL_DATA_DIR: join(folder, 'data'),
    LONGHAUL_PORT: '1',
    TEMPORAL_CLI: await findTemporalCli(log),
    FFMPEG: ffmpeg,
    FFPROBE: ffprobe,
    NO_COLOR: '1',
  };
  return await new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [longhaul, 'doctor', ...words], { env, timeout: 100_000 }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

async function link(name: string): Promise<void> {
  const { searchPath } = readProgramPlaces();
  const found = name === 'node' ? process.execPath : searchPath.map((each) => join(each, name)).find(isExecutable);
  if (found === undefined) throw new Error(`There is no ${name} on PATH: ${searchPath.join(delimiter)}`);
  await symlink(found, join(folder, 'bin', name));
}

/** An apt-get that notes how it was called. */
async function installAptGet(script: string): Promise<void> {
  const path = join(folder, 'bin', 'apt-get');
  await writeFile(path, `#!/bin/sh\necho "$@" >> ${join(folder, 'asked')}\n${script}\n`);
  await chmod(path, 0o755);
}

const usual = ['node', 'npm', 'tar', 'gzip', 'python3'];

test('doctor --fix brings espeak-ng into an empty cache from npm, and it speaks', async () => {
  const { code, stdout, stderr } = await doctor(usual, '--fix');
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'Fetching espeak-ng 1.0.2 (once) …\n' });
  const program = join(folder, 'cache', 'espeak-ng-1.0.2', 'espeak-ng');
  expect(stdout).toMatch(new RegExp(`✓ espeak-ng +${program} \\(cache\\)`));
  expect(stdout).toContain('Everything that is needed is here');

  const { signal } = new AbortController();
  const outPath = join(folder, 'out.wav');
  const request = { text: 'Guten Morgen, liebe Leute.', voice: 'FEMALE', speed: 1, pitch: 0, language: 'de' } as const;
  const speech = createEspeakSpeech(program, await findTestMedia());
  const { durationMs } = await speech.synthesize({ ...request, outPath, signal });
  expect(durationMs).toBeGreaterThan(1_000);
  await expect(speech.synthesize({ ...request, language: 'tlh', outPath, signal })).rejects.toThrow(
    'Nothing on this machine speaks the language "tlh"',
  );
}, 120_000);

test('what cannot be brought is named with the ways that were tried and what to do, and the end is 1', async () => {
  const { code, stdout, stderr } = await doctor(['node'], '--fix', '--json');
  expect(code).toBe(1);
  expect(stderr).toContain('espeak-ng is not here and cannot be fetched:\n  npm: ');
  expect(stderr).toContain('Install espeak-ng (apt-get install espeak-ng, brew install espeak-ng) and run again');
  expect(stderr).not.toContain('    at ');
  expect(JSON.parse(stdout)).toMatchObject({
    findings: expect.arrayContaining([
      expect.objectContaining({ name: 'espeak-ng', state: 'OPTIONAL' }),
      expect.objectContaining({ name: 'npm', state: 'MISSING', found: 'not on PATH' }),
    ]),
  });
}, 60_000);

// Only root may install packages.
test.runIf(process.getuid?.() === 0)(
  'root gets packages of Debian first',
  async () => {
    const program = join(folder, 'bin', 'espeak-ng');
    await installAptGet(`[ "$2" = update ] || { printf '#!/bin/sh\\n' > ${program}; chmod 755 ${program}; }`);
    const { code, stdout, stderr } = await doctor(usual, '--fix');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Installing espeak-ng with apt-get …\n' });
    expect(stdout).toMatch(new RegExp(`✓ espeak-ng +${program} \\(PATH\\)`));
    expect(await readFile(join(folder, 'asked'), 'utf8')).toBe(
      '--quiet update\n--quiet install --yes --no-install-recommends espeak-ng\n',
    );
  },
  60_000,
);

test.runIf(process.getuid?.() === 0)(
  'where apt-get fails, its reason is told and npm is asked',
  async () => {
    await installAptGet('echo "E: Unable to fetch some archives" >&2; exit 100');
    const { code, stderr } = await doctor(usual, '--fix');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: [
        'Installing espeak-ng with apt-get …',
        'apt-get could not install them (E: Unable to fetch some archives); fetching them instead.',
        'Fetching espeak-ng 1.0.2 (once) …',
        '',
      ].join('\n'),
    });
  },
  120_000,
);
