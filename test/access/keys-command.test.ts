import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthenticator } from '../../src/access/authenticator.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { launchProgram } from '../support/processes.ts';
import { testSecret } from '../support/secret.ts';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.close());

async function keys(...words: string[]): Promise<{ code: number | null; output: string }> {
  await using command = launchProgram(['node', 'src/cli/longhaul.ts', 'keys', ...words], {
    LONGHAUL_DATABASE_URL: db.url,
    LONGHAUL_SECRET: testSecret,
  });
  const code = await command.ended();
  return { code, output: command.output().trim() };
}

/** Says whom a key makes its bearer; each time as if it were new, for a found one is trusted for seconds. */
const authenticate = (key: string) =>
  createAuthenticator({
    database: db.database,
    config: { secret: testSecret, jwt: null },
    log: pino({ level: 'silent' }),
  }).authenticate(`Bearer ${key}`);

test('keys are made for a project with scopes and days, listed without their secret, and revoked', async () => {
  const before = Date.now();
  const made = await keys(
    'create',
    '--project',
    'billing',
    '--name',
    'nightly',
    '--scopes',
    'read,Submit',
    '--expires-in-days',
    '1.5',
  );
  expect(made).toEqual({ code: 0, output: expect.stringMatching(/^lh_\w{12}_\w{43}$/) });
  const viewer = await authenticate(made.output);
  expect(viewer).toMatchObject({ projectName: 'billing', caller: { kind: 'API_KEY', name: 'nightly' } });
  expect(viewer.scopes.toSorted()).toEqual(['READ', 'SUBMIT']);
  const lasts = (viewer.expiresAt?.getTime() ?? 0) - 1.5 * 86_400_000;
  expect(lasts).toBeGreaterThanOrEqual(before);
  expect(lasts).toBeLessThanOrEqual(Date.now());

  const admin = await keys('create', '--project', 'billing', '--name', 'people');
  expect(await authenticate(admin.output)).toMatchObject({ projectId: viewer.projectId, expiresAt: null });
  expect((await authenticate(admin.output)).scopes).toContain('ADMIN');

  const shown = (key: string) => key.slice(0, 15);
  const revoked = await keys('revoke', shown(made.output));
  expect(revoked).toEqual({ code: 0, output: 'The key "nightly" is revoked; it stops working within seconds.' });
  await expect(authenticate(made.output)).rejects.toThrow('revoked');

  const listed = await keys('list', '--project', 'billing');
  const lines = listed.output.split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(lines[0]).toEqual(['Key', 'Name', 'Scopes', 'State', 'Expires', 'Last used']);
  expect(lines.filter(([first]) => first?.startsWith('lh_')).map((cells) => cells.slice(0, 4))).toEqual([
    [shown(admin.output), 'people', 'ADMIN', 'works'],
    [shown(made.output), 'nightly', 'READ, SUBMIT', 'revoked'],
  ]);
  for (const { output } of [made, admin]) expect(listed.output).not.toContain(output.slice(16));
});

test.each([
  [['create', '--project', 'p', '--name', 'n', '--scopes', 'write'], 'Scopes are '],
  [['create', '--project', 'p', '--name', 'n', '--expires-in-days', '0'], 'It is a number of days, up to 36500.'],
  [['create', '--project', 'p'], "required option '--name <name>' not specified"],
  [['list', '--project', 'nobody'], 'There is no project "nobody".'],
  [['revoke', 'lh_000000000000'], 'There is no API key lh_000000000000.'],
])('keys %j is refused with what is wrong', async (words, reason) => {
  const { code, output } = await keys(...words);
  expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining(reason) });
  expect(output).not.toContain('    at ');
});
