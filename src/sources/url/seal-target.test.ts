import { expect, test } from 'vitest';
import { sealTarget, unsealTarget } from './seal-target.ts';

const target = {
  url: 'https://files.example/a.csv?token=hidden',
  headers: [{ name: 'authorization', value: 'hidden' }],
};

test('what is sealed shows nothing and opens again', () => {
  const sealed = sealTarget('secret', 'upload 1', target);
  expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toMatch(/hidden|files/);
  expect(sealTarget('secret', 'upload 1', target)).not.toBe(sealed);
  expect(unsealTarget('secret', 'upload 1', sealed)).toEqual(target);
});

test('it opens under no other secret and for no other upload', () => {
  const sealed = sealTarget('secret', 'upload 1', target);
  expect(() => unsealTarget('another', 'upload 1', sealed)).toThrow('Submit the job again.');
  expect(() => unsealTarget('secret', 'upload 2', sealed)).toThrow('Submit the job again.');
});
