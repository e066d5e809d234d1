import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pickPort } from '../../src/embedded/ports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
let port: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhaul-quickstart-'));
  port = await pickPort(0);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the command as `npm run` does, without a terminal, to its end. */
function longhaul(...words: string[]): Promise<{ code: number; output: string }> {
  const env = { ...process.env, LONGHAUL_DATA_DIR: folder, LONGHAUL_PORT: String(port), NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['scripts/run.mjs', 'node', 'src/cli/longhaul.ts', ...words],
      { cwd: root, env },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
      },
    );
  });
}

test('quickstart takes its file from upload to exports, ends with 0, and finds its data again', async () => {
  const first = await longhaul('quickstart', '--exit', '--rows', '3000');
  expect(first).toMatchObject({ code: 0, output: expect.stringMatching(/COMPLETED +3,000 items: [\d,]+ succeeded/) });
  for (const heading of ['By currency', 'Failures', 'Exports']) expect(first.output).toContain(heading);
  expect((await stat(join(folder, 'api-key'))).mode & 0o777).toBe(0o600);
  const [, csv] = /(\S+quickstart-3-000-transactions-items\.csv)/.exec(first.output) ?? [];
  expect((await readFile(resolve(root, csv ?? ''), 'utf8')).trimEnd().split('\n')).toHaveLength(3_001);

  const second = await longhaul('quickstart', '--exit', '--rows', '3000');
  expect(second.code).toBe(0);
  const jobOf = (output: string) => /Sm9i[\w=]+/.exec(output)?.[0];
  expect(jobOf(second.output)).toBe(jobOf(first.output));
});

test('a port that is taken is named, with what to do', async () => {
  const squatter = createServer().listen(port, '127.0.0.1');
  try {
    const { code, output } = await longhaul('up');
    expect(code).toBe(1);
    expect(output).toContain(`${port}`);
    expect(output).toContain('LONGHAUL_PORT');
    expect(output).not.toContain('    at ');
  } finally {
    squatter.close();
  }
});

test('a setting that cannot be used is named, and so is one that is missing', async () => {
  const { output } = await longhaul('api');
  expect(output).toContain('Set LONGHAUL_DATABASE_URL and LONGHAUL_SECRET');
  port = 99_999;
  expect((await longhaul('api')).output).toContain('LONGHAUL_PORT');
});

test('doctor says what is found, as a table and as JSON', async () => {
  port = await pickPort(0);
  const { code, output } = await longhaul('doctor');
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('Python') });
  expect(JSON.parse((await longhaul('doctor', '--json')).output)).toEqual(expect.anything());
});
