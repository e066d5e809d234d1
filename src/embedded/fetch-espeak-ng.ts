import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { fillCache } from './fill-cache.ts';

const run = promisify(execFile);

export const espeakVersion = '1.0.2';
const sha512 = 'Xe4YC7d/+O06zYpsqrJ3LpbETdL/IO8JrnAmWcQEMoRFmMLWU+2y2HnpEkOCnqZfb40MBDVyP4ppfusKdWbPcQ==';

/** Gives the build for WebAssembly the face of the program: it has files in memory only, and the text comes on its input. */
const launcher = `#!/usr/bin/env node
const { writeFileSync } = require('node:fs');
const { text } = require('node:stream/consumers');
(async () => {
  const args = process.argv.slice(2).filter((argument) => argument !== '--stdin');
  const out = args.indexOf('-w') + 1;
  const outPath = args[out];
  args[out] = '/out.wav';
  const input = await text(process.stdin);
  const { default: start } = await import('./package/dist/espeak-ng.js');
  const preRun = [(module) => module.FS.writeFile('/in.txt', input)];
  const espeak = await start({ arguments: [...args, '-f', '/in.txt'], preRun });
  writeFileSync(outPath, espeak.FS.readFile('/out.wav'));
})().catch((error) => {
  // Why there is no sound, espeak-ng has said before.
  console.error(error.message);
  process.exitCode = 1;
});
`;

/**
 * Puts a program that speaks as espeak-ng does at `target`, for machines where that cannot be installed. It is fetched and
 * run as a process of its own, not shipped or linked: espeak-ng is under the GPL.
 */
export async function fetchEspeakNg(target: string): Promise<void> {
  await fillCache(target, 'espeak-ng', async (folder) => {
    const name = `espeak-ng@${espeakVersion}`;
    await run('npm', ['pack', '--silent', '--pack-destination', folder, name], { timeout: 300_000 });
    const archive = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
    if (archive === undefined) throw new Error('npm brought no package');
    const found = createHash('sha512').update(await readFile(join(folder, archive)));
    if (found.digest('base64') !== sha512) throw new Error(`what came is not ${name}: its checksum is another`);
    await run('tar', ['-xzf', join(folder, archive), '-C', folder], { timeout: 60_000 });
    await writeFile(join(folder, 'espeak-ng'), launcher);
    await rename(join(folder, 'package'), join(dirname(target), 'package')).catch((error: NodeJS.ErrnoException) => {
      // Another process was first, with the same version.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  });
}
