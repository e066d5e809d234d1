import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const parts = ['package.json', 'package-lock.json', 'tsconfig.json', 'schema', 'src', 'workflows'];

/** Files of the code by path, and in each what is replaced by what. */
type Changes = Record<string, [from: string, to: string][]>;

export interface OtherBuild extends AsyncDisposable {
  /** For processes under test: see `Surroundings`. */
  codeDir: string;
}

/** A copy of the code with changes, as another version of it would be installed. @throws Error when a text is not there to be changed */
export async function createOtherBuild(changes: Changes): Promise<OtherBuild> {
  const codeDir = await mkdtemp(join(tmpdir(), 'longhaul-build-'));
  for (const part of parts) await cp(join(root, part), join(codeDir, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(codeDir, 'node_modules'));
  for (const [file, replacements] of Object.entries(changes)) {
    let text = await readFile(join(codeDir, file), 'utf8');
    for (const [from, to] of replacements) {
      if (!text.includes(from)) throw new Error(`${file} has no "${from}" any more: this test needs another change.`);
      text = text.replace(from, to);
    }
    await writeFile(join(codeDir, file), text);
  }
  return { codeDir, [Symbol.asyncDispose]: () => rm(codeDir, { recursive: true }) };
}
