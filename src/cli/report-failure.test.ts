import { lookup } from 'node:dns/promises';
import { expect, test } from 'vitest';
import { toError } from '../domain/errors.ts';
import { explain } from './report-failure.ts';

test('a host that is not there is named, with the variables that may name it', async () => {
  const error = toError(await lookup('nowhere.invalid').catch((thrown: unknown) => thrown));
  expect(explain(error)).toBe(
    'There is no host "nowhere.invalid". Look at LONGHAUL_HOST, LONGHAUL_DATABASE_URL and LONGHAUL_TEMPORAL_ADDRESS.',
  );
});

test('what Postgres says of a wrong password is told without a trace of where', () => {
  const error = Object.assign(new Error('password authentication failed for user "u"'), { code: '28P01' });
  expect(explain(error)).toBe('Postgres refuses LONGHAUL_DATABASE_URL: password authentication failed for user "u"');
});

test('anything else is a bug and shows where it comes from', () => {
  expect(explain(new Error('oops'))).toContain('report-failure.test.ts');
});
