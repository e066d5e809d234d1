import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

const root = resolve(import.meta.dirname, '../..');

/** One planted file for each rule: it must be found, in that file, under that name. */
const planted = [
  { rule: 'domain-is-pure', file: 'src/domain/planted.ts', code: `import 'node:fs';` },
  { rule: 'workflows-are-deterministic', file: 'workflows/planted.ts', code: `import 'node:crypto';` },
  { rule: 'schema-calls-use-cases-only', file: 'schema/planted.ts', code: `import '../src/database/database.ts';` },
  {
    rule: 'schema-knows-few-types',
    file: 'schema/planted-type.ts',
    code: `import type { Config } from '../src/config.ts'; export type Planted = Config;`,
  },
  { rule: 'providers-know-no-jobs', file: 'src/providers/planted.ts', code: `import '../job-types/registry.ts';` },
  {
    rule: 'job-types-are-apart',
    file: 'src/job-types/echo/planted.ts',
    code: `import '../transactions/transactions.ts';`,
  },
  { rule: 'processes-are-outermost', file: 'src/jobs/planted.ts', code: `import '../cli/planted.ts';` },
  { rule: 'not-to-tests', file: 'src/cli/planted.ts', code: `import '../../test/planted.ts';` },
  { rule: 'not-to-development-packages', file: 'src/http/planted.ts', code: `import 'fast-check';` },
  { rule: 'no-cycles', file: 'src/cli/planted-circle-a.ts', code: `import './planted-circle-b.ts';` },
  { rule: 'no-missing-imports', file: 'src/http/planted-missing.ts', code: `import './nowhere.ts';` },
] as const;

const alsoNeeded = [
  { file: 'test/planted.ts', code: 'export {};' },
  { file: 'src/cli/planted-circle-b.ts', code: `import './planted-circle-a.ts';` },
];

describe('The dependency rules', () => {
  let copy: string;

  beforeAll(async () => {
    copy = await mkdtemp(join(tmpdir(), 'longhaul-rules-'));
    for (const path of ['src', 'schema', 'workflows', '.dependency-cruiser.mjs', 'package.json', 'tsconfig.json']) {
      await cp(join(root, path), join(copy, path), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  });
  afterAll(() => rm(copy, { recursive: true, force: true }));

  test('hold for every file of this repository', async () => {
    expect(await findViolations(root)).toEqual([]);
  });

  test('see each kind of violation that is planted in a copy', async () => {
    for (const { file, code } of [...planted, ...alsoNeeded]) {
      await mkdir(dirname(join(copy, file)), { recursive: true });
      await writeFile(join(copy, file), `${code}\n`);
    }
    const found = await findViolations(copy);
    expect(found).toEqual(expect.arrayContaining(planted.map(({ rule, file }) => ({ rule, file }))));
  });
});

const report = z.object({
  summary: z.object({
    totalCruised: z.number().min(1),
    violations: z.array(z.object({ from: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

async function findViolations(folder: string): Promise<{ rule: string; file: string }[]> {
  const cruiser = join(root, 'node_modules/.bin/depcruise');
  const options = ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'src', 'schema', 'workflows'];
  const output = await run(process.execPath, [cruiser, ...options], folder);
  const { summary } = report.parse(JSON.parse(output));
  return summary.violations.map((violation) => ({ rule: violation.rule.name, file: violation.from }));
}

/** Its output; how it ends does not matter, as it ends with the number of violations. */
function run(command: string, args: string[], cwd: string): Promise<string> {
  return new Promise((done, failed) => {
    execFile(command, args, { cwd, maxBuffer: 64 * 2 ** 20 }, (error, stdout) => {
      if (stdout === '' && error) failed(error);
      else done(stdout);
    });
  });
}
