import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { placesBelow } from '../../test/support/program-places.ts';
import type { ProgramPlaces } from '../config/program-places.ts';
import { findMediaPrograms, locateMediaPrograms } from './media-programs.ts';

let root = '';
let places: ProgramPlaces;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'longhaul-programs-'));
  places = placesBelow(root);
});
afterEach(() => rm(root, { recursive: true }));

/** A program that lists encoders as ffmpeg does. */
async function install(path: string, encoders: readonly string[] = []): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const lines = encoders.map((encoder) => `echo " V....D ${encoder} some words"`);
  await writeFile(path, `#!/bin/sh\n${lines.join('\n')}\n`);
  await chmod(path, 0o755);
  return path;
}

const all = ['libx264', 'libx265', 'libvpx-vp9', 'aac', 'libopus'];

test('programs are found by their variables, on PATH and in the cache', async () => {
  expect(await locateMediaPrograms(places)).toEqual({ ffmpeg: null, ffprobe: null, espeakNg: null });
  const ffmpeg = await install(join(root, 'bin', 'ffmpeg'), all);
  const ffprobe = await install(join(places.cacheDir, 'ffprobe-6.0', 'ffprobe'));
  const espeakNg = await install(join(root, 'mine'));
  expect(await locateMediaPrograms({ ...places, espeakNg })).toEqual({
    ffmpeg: { path: ffmpeg, from: 'PATH' },
    ffprobe: { path: ffprobe, from: 'cache' },
    espeakNg: { path: espeakNg, from: 'ESPEAK_NG' },
  });
  const log = { info: () => undefined, warn: () => undefined };
  expect(await findMediaPrograms(log, places)).toEqual({ ffmpeg, ffprobe, espeakNg: null });
});

test('an ffmpeg on PATH without an encoder that we need is passed over', async () => {
  await install(join(root, 'bin', 'ffmpeg'), all.slice(1));
  expect((await locateMediaPrograms(places)).ffmpeg).toBeNull();
});
