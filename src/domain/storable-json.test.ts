import { expect, test } from 'vitest';
import { findUnstorable, toStorable } from './storable-json.ts';

function nested(levels: number): unknown {
  return levels === 0 ? 'end' : [nested(levels - 1)];
}

test('what jsonb keeps is found storable, and comes back as it is', () => {
  for (const value of [null, 5, true, 'Grüße 😀', [], { a: ['b', { c: null }] }, nested(64)]) {
    expect(findUnstorable(value)).toBeNull();
    expect(toStorable(value)).toEqual(value);
  }
});

test.each([
  ['a\0b', [], 'holds a NUL character', 'a\uFFFDb'],
  [{ a: ['x', '\ud800'] }, ['a', '1'], 'holds half of a surrogate pair, which is no character', { a: ['x', '\uFFFD'] }],
  [{ a: { 'b\0': 1 } }, ['a'], 'has a field whose name holds a NUL character', { a: { 'b\uFFFD': 1 } }],
])('%j is not storable: its place is named, and it can be shown all the same', (value, path, message, shown) => {
  expect(findUnstorable(value)).toEqual({ path, message });
  expect(toStorable(value)).toEqual(shown);
});

test('what is nested more than 64 levels deep is not storable, and is shown without its depths', () => {
  expect(findUnstorable(nested(66))).toMatchObject({ message: 'is nested more than 64 levels deep' });
  expect(JSON.stringify(toStorable(nested(66)))).toBe(`${'['.repeat(64)}"…"${']'.repeat(64)}`);
});
