import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeWorkFolder } from '../../../test/support/work-folder.ts';
import { createLazyWorkRoot, openWorkRoot } from './work-root.ts';

const module = new URL('work-root.ts', import.meta.url).href;

/** A process that holds a folder with a file in it until it is killed. */
async function holdElsewhere(parent: string) {
  const script = `
    const { openWorkRoot } = await import(${JSON.stringify(module)});
    const { writeFile } = await import('node:fs/promises');
    const root = await openWorkRoot(${JSON.stringify(parent)});
    const folder = await root.createFolder('video');
    await writeFile(folder + '/half.mp4', 'half');
    process.stdout.write(root.path);
    setInterval(() => undefined, 1_000);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [path] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, path: path.toString() };
}

test('what a killed process left is removed by the next one, and what others work on is not', async () => {
  const parent = await makeWorkFolder();
  const killed = await holdElsewhere(parent);
  const alive = await holdElsewhere(parent);
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  const mine = await openWorkRoot(parent);
  const left = (await readdir(parent)).filter((name) => !name.endsWith('.lock')).map((name) => join(parent, name));
  expect(left.toSorted()).toEqual([alive.path, mine.path].toSorted());
  expect(await readdir(alive.path)).toHaveLength(1);
  alive.child.kill('SIGKILL');
  await once(alive.child, 'exit');
  await mine.close();
  await (await openWorkRoot(parent)).close();
  expect(await readdir(parent)).toEqual([]);
});

test('folders of one process are apart, and go with it', async () => {
  const parent = await makeWorkFolder();
  const root = await openWorkRoot(parent);
  const [one, other] = [await root.createFolder('video'), await root.createFolder('video')];
  expect(one).not.toBe(other);
  await mkdir(join(one, 'deep'));
  await writeFile(join(one, 'deep', 'file'), 'x');
  await root.close();
  expect(await readdir(parent)).toEqual([]);
});

test('a folder that is seldom needed is made when it is, and goes with its process', async () => {
  const parent = join(await makeWorkFolder(), 'work');
  const root = createLazyWorkRoot(parent);
  await expect(readdir(parent)).rejects.toThrow('ENOENT');
  const folders = [await root.createFolder('template'), await root.createFolder('template')];
  expect(new Set(folders.map((folder) => dirname(folder))).size).toBe(1);
  await root.close();
  expect(await readdir(parent)).toEqual([]);
});
