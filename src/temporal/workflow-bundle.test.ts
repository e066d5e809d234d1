import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { findWorkflowBundle } from './workflow-bundle.ts';

test('a bundle is made once, also by workers that start at the same time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-bundle-'));
  try {
    const [path, same] = await Promise.all([findWorkflowBundle(folder), findWorkflowBundle(folder)]);
    expect(same).toBe(path);
    expect(await readdir(folder)).toEqual([basename(path)]);
    const { mtimeMs } = await stat(path);
    expect(await findWorkflowBundle(folder)).toBe(path);
    expect((await stat(path)).mtimeMs).toBe(mtimeMs);
  } finally {
    await rm(folder, { recursive: true });
  }
});
