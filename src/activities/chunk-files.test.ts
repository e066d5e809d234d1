import { expect, test } from 'vitest';
import { assertSmallData } from './chunk-files.ts';

test('what an item passes on may be 64 KiB of JSON, and not a byte more', () => {
  const passing = (bytes: number) => [{ state: 'SUCCEEDED' as const, data: 'x'.repeat(bytes - 2) }];
  expect(() => assertSmallData([...passing(65_536), { state: 'SUCCEEDED' }])).not.toThrow();
  expect(() => assertSmallData(passing(65_537))).toThrow(
    'An item passes at most 65536 bytes of JSON on to the next stage, not 65537: store a file instead.',
  );
});
