import { access, constants, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fillCache } from './fill-cache.ts';

let cache = '';
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'longhaul-cache-'));
});
afterEach(() => rm(cache, { recursive: true }));

const bring = (content: string) => async (folder: string) => {
  await mkdir(join(folder, 'deep', 'scripts'), { recursive: true });
  await writeFile(join(folder, 'deep', 'scripts', 'tool'), content);
};

test('processes that fetch at once all end with a whole, executable program and nothing else', async () => {
  const target = join(cache, 'tool-1', 'tool');
  await Promise.all([fillCache(target, 'tool', bring('same')), fillCache(target, 'tool', bring('same'))]);
  await access(target, constants.X_OK);
  expect(await readFile(target, 'utf8')).toBe('same');
  expect(await readdir(dirname(target))).toEqual(['tool']);
});

test('a fetch that fails or brings something else leaves nothing', async () => {
  const target = join(cache, 'tool-1', 'tool');
  await expect(fillCache(target, 'tool', () => Promise.reject(new Error('no network')))).rejects.toThrow('no network');
  await expect(fillCache(target, 'other', bring('x'))).rejects.toThrow('no other was in what came');
  expect(await readdir(dirname(target))).toEqual([]);
});
