import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { environmentWith } from '../config/environment.ts';
import { hashCode } from './hash-code.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = fileURLToPath(new URL('./write-workflow-bundle.ts', import.meta.url));

/**
 * Path of one script that holds all workflows, for `Worker.create({ workflowBundle: { codePath } })`. It is made once for
 * each state of the code, in a process of its own: the bundler takes seconds and some 300 MB, which a worker would keep.
 * @throws Error when the folder cannot be written to
 */
export async function findWorkflowBundle(cacheDir: string): Promise<string> {
  // What the bundle is made of: the workflows, the rules that they import, and the libraries.
  const path = join(cacheDir, `workflows-${await hashCode(['workflows', 'src/domain'])}.js`);
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

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
