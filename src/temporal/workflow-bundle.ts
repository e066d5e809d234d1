import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { access, glob, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environmentWith } from '../config.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = fileURLToPath(new URL('./write-workflow-bundle.ts', import.meta.url));

/**
 * Path of one script that holds all workflows, for `Worker.create({ workflowBundle: { codePath } })`. It is made once for
 * each state of the code, in a process of its own: the bundler takes seconds and some 300 MB, which a worker would keep.
 * @throws Error when the folder cannot be written to
 */
export async function findWorkflowBundle(cacheDir: string): Promise<string> {
  const path = join(cacheDir, `workflows-${await hashOfCode()}.js`);
  if (await isThere(path)) return path;
  await mkdir(cacheDir, { recursive: true });
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await promisify(execFile)(process.execPath, [program, unfinished], { cwd: root, env: environmentWith({}) });
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  return path;
}

/** Names what the bundle is made of: the workflows, the rules that they import, and every library as it is locked. */
async function hashOfCode(): Promise<string> {
  const files = [];
  for await (const file of glob(['workflows/**/*.ts', 'src/domain/**/*.ts'], { cwd: root })) files.push(file);
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', ...files.toSorted()]) {
    hash
      .update(`${file}\0`)
      .update(await readFile(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
