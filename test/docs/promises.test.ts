import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);

test('every test that docs/promises.md names is there under its title', async () => {
  const promises = await readFile(new URL('docs/promises.md', root), 'utf8');
  const named = [...promises.matchAll(/`([a-z]+\/[\w/.-]+\.test\.ts)`([^`|]*)/g)].flatMap(([, file = '', after = '']) =>
    [...after.matchAll(/\*([^*]+)\*/g)].map(([, title]) => ({ file, title })),
  );
  expect(named.length).toBeGreaterThan(30);
  const missing = await Promise.all(
    named.map(async ({ file, title }) => {
      const source = await readFile(new URL(file, root), 'utf8').catch(() => '');
      return source.includes(`'${title}'`) ? [] : [`${file} ${title}`];
    }),
  );
  expect(missing.flat()).toEqual([]);
});
