import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readProgramPlaces } from '../src/config/program-places.ts';
import { fetchFromPip } from '../src/embedded/fetch-from-pip.ts';

const version = '2.70.0';

/** Matters of taste, and what `migrate` sees to itself: timeouts, and statements that are repeated after they broke off. */
const excluded = 'prefer-bigint-over-int,prefer-bigint-over-smallint,prefer-robust-stmts,require-timeout-settings';

/** What squawk, which comes by pip and is kept in the cache, finds in statements that run while the version before them serves. */
export async function findDangers(statements: readonly string[], inTransaction: boolean): Promise<string[]> {
  const program = join(readProgramPlaces().cacheDir, `squawk-${version}`, 'squawk');
  if (!existsSync(program)) await fetchFromPip(`squawk-cli==${version}`, 'squawk', program);
  const options = ['--pg-version=15', '--reporter=gcc', '--stdin-filepath=statements', `--exclude=${excluded}`];
  const input = statements.map((statement) => `${statement.trim().replace(/;$/, '')};\n`).join('');
  const { status, stdout, stderr } = spawnSync(
    program,
    inTransaction ? [...options, '--assume-in-transaction'] : options,
    { input, encoding: 'utf8' },
  );
  if (status !== 0 && stdout === '') throw new Error(`squawk ended with ${status}: ${stderr}`);
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('statements:'))
    .map((line) => line.replace(/^statements:\d+:\d+: \w+: /, ''));
}
