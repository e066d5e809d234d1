import { describe, expect, it } from 'vitest';
import { fingerprint, fnv1a64 } from './fingerprint.ts';

describe('fingerprint', () => {
  it.each([
    ['row 12 of 100 failed', 'row 7 of 1,000 failed'],
    ['must be a decimal number, not "abc"', 'must be a decimal number, not "x \\" 12"'],
    ["currency 'EUX' is unknown", "currency 'QQQ' is unknown"],
    ['job 0190b5a4-7c3e-7d31-9f4e-0a1b2c3d4e5f is gone', 'job 0190b5a4-7c3e-7d31-9f4e-ffffffffffff is gone'],
    [
      'INV-2026-0001 lies in the future: 2027-01-01T00:00:00.000Z',
      'INV-2025-77 lies in the future: 2030-12-31T23:59:59.000Z',
    ],
    ['GET https://a.example/x?y=1 answered 503', 'GET https://b.example/ answered 500'],
    ['balance is -12.50', 'balance is 3'],
  ])('is the same for %j and %j', (one, other) => {
    expect(fingerprint('CODE', one)).toBe(fingerprint('CODE', other));
  });

  it.each([
    ['amount is missing', 'currency is missing'],
    ["can't be read", "can't be written"],
    ['must be a decimal number, not "abc"', 'must be a date, not "abc"'],
  ])('tells %j from %j', (one, other) => {
    expect(fingerprint('CODE', one)).not.toBe(fingerprint('CODE', other));
  });

  it('tells codes apart', () => {
    expect(fingerprint('ONE', 'same')).not.toBe(fingerprint('OTHER', 'same'));
  });

  it('never changes, for it is stored', () => {
    expect(fingerprint('INVALID_ITEM', 'amount is missing')).toBe('049fb3b1e0b1e4f8');
  });
});

describe('fnv1a64', () => {
  // Vectors of draft-eastlake-fnv, appendix C.
  it.each([
    ['', 'cbf29ce484222325'],
    ['a', 'af63dc4c8601ec8c'],
    ['foobar', '85944171f73967e8'],
  ])('hashes %j as the draft does', (text, hash) => {
    expect(fnv1a64(text)).toBe(hash);
  });
});
