import { chmod, readFile, writeFile } from 'node:fs/promises';

/** The secret that the file keeps; the first call makes it, readable for this user only. */
export async function keepSecret(path: string, make: () => string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const secret = make();
  await writeFile(path, `${secret}\n`, { mode: 0o600 });
  // `mode` counts only for a new file.
  await chmod(path, 0o600);
  return secret;
}
