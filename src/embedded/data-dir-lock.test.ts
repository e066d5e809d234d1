import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockDataDir } from './data-dir-lock.ts';
import { SetupError } from './setup-error.ts';

test('a data folder has one holder at a time, and a second one learns who that is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-lock-'));
  try {
    const first = await lockDataDir(folder);
    const refused = lockDataDir(folder);
    await expect(refused).rejects.toThrow(SetupError);
    await expect(refused).rejects.toThrow(`runs already on ${folder} (process ${process.pid})`);
    first.release();
    const second = await lockDataDir(folder);
    second.release();
  } finally {
    await rm(folder, { recursive: true });
  }
});
