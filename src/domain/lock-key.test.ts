import { expect, test } from 'vitest';
import { lockKeyPath, lockKeyPattern, lockValueOf } from './lock-key.ts';

test.each(['account', 'customer.id', '_a.b_1.c.d.e'])('%s names a field', (lockKey) => {
  expect(lockKeyPattern.test(lockKey)).toBe(true);
});

test.each(['', '.', 'a.', '.a', 'a b', '1a', 'a.b.c.d.e.f', 'a'.repeat(101), "a'"])('%j names none', (lockKey) => {
  expect(lockKeyPattern.test(lockKey)).toBe(false);
});

test('a path leads into objects', () => {
  expect(lockKeyPath('customer.id')).toEqual(['customer', 'id']);
  expect(lockValueOf({ customer: { id: 7 } }, 'customer.id')).toBe('7');
});

test('values of different kinds differ', () => {
  expect(lockValueOf({ id: '7' }, 'id')).not.toBe(lockValueOf({ id: 7 }, 'id'));
});

test.each([[{}], [{ id: null }], [null], ['text'], [undefined]])('%j locks nothing', (item) => {
  expect(lockValueOf(item, 'id')).toBeNull();
  expect(lockValueOf({ customer: item }, 'customer.id')).toBeNull();
});

test('what every object inherits is no field', () => {
  expect(lockValueOf({}, 'constructor')).toBeNull();
});
