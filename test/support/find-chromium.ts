import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import chromium from '@sparticuz/chromium';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A Chromium for playwright-core: CHROMIUM_PATH, one on PATH, or the one that comes as a package. */
export async function findChromium(): Promise<{ executablePath: string; args: string[] }> {
  const sandboxless = ['--no-sandbox'];
  const given = process.env['CHROMIUM_PATH'];
  if (given) return { executablePath: given, args: sandboxless };
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  for (const path of folders.flatMap((folder) => names.map((name) => join(folder, name)))) {
    if (await isExecutable(path)) return { executablePath: path, args: sandboxless };
  }
  // In a single process a page that closes can take the browser along.
  const args = chromium.args.filter((argument) => argument !== '--single-process');
  return { executablePath: await chromium.executablePath(), args };
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
