import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { placesBelow } from '../../test/support/program-places.ts';
import type { ProgramPlaces } from '../config/program-places.ts';
import { locateTemporalCli } from './temporal-programs.ts';

let root = '';
let places: ProgramPlaces;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'longhaul-programs-'));
  places = placesBelow(root);
});
afterEach(() => rm(root, { recursive: true }));

/** A program that answers --version as the real one does. */
async function install(path: string, server: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho "temporal version 1.9.1 (Server ${server}, UI 2.54.1)"\n`);
  await chmod(path, 0o755);
  return path;
}

test('the CLI that TEMPORAL_CLI names comes first, then PATH, then the cache', async () => {
  expect(await locateTemporalCli(places)).toBeNull();
  const cached = await install(join(places.cacheDir, 'temporal-1.9.1', 'temporal'), '1.32.0');
  expect(await locateTemporalCli(places)).toEqual({ path: cached, from: 'cache' });
  const onPath = await install(join(root, 'bin', 'temporal'), '1.29.0');
  expect(await locateTemporalCli(places)).toEqual({ path: onPath, from: 'PATH' });
  const named = await install(join(root, 'mine'), '1.20.0');
  expect(await locateTemporalCli({ ...places, temporalCli: named })).toEqual({ path: named, from: 'TEMPORAL_CLI' });
});

test('a CLI on PATH whose server is too old for fairness keys is passed over', async () => {
  await install(join(root, 'bin', 'temporal'), '1.28.3');
  expect(await locateTemporalCli(places)).toBeNull();
});

test('a TEMPORAL_CLI that is no program is said, not passed over', async () => {
  await expect(locateTemporalCli({ ...places, temporalCli: join(root, 'nothing') })).rejects.toThrow(
    `TEMPORAL_CLI is ${join(root, 'nothing')}, and no program lies there.`,
  );
});
