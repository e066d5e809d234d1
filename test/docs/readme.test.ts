import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { settings } from '../../src/config/settings.ts';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

const settingRows = Object.entries(settings).map(([name, setting]) => {
  const fallback = setting.safeParse(undefined).data;
  return `| \`${name}\` | ${setting.description}${fallback === undefined ? '' : ` (\`${String(fallback)}\`)`} |`;
});
const rowsOf = (text: string) => text.split('\n').filter((line) => /^\| `[A-Z_]+` \|/.test(line));

test('every setting is listed with its meaning and default', async () => {
  const listed = await readFile(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  expect(rowsOf(listed)).toEqual(settingRows.map((row) => row.replaceAll('](docs/', '](')));
});

test('the README lists the usual settings as they are', () => {
  const rows = rowsOf(readme);
  expect(rows.length).toBeGreaterThan(10);
  expect(settingRows).toEqual(expect.arrayContaining(rows));
});

test('the README is short', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(120);
});
