import { access, glob, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../schema/schema.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const paths = await Array.fromAsync(glob(['README.md', 'bench/*.md', 'docs/**/*.md'], { cwd: root }));
const pages = new Map(
  await Promise.all(paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const)),
);

/** As GitHub makes them: the words of a heading in lower case with hyphens between. Or as an anchor says. */
function anchorsOf(page: string): string[] {
  const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.toLowerCase());
  const named = [...page.matchAll(/<a id="([^"]+)"/g)].map(([, name = '']) => name);
  return [...headings.map((heading) => heading.replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')), ...named];
}

/** Where the links of a page lead that are not to other sites: paths from the root, with their anchors. */
function linksOf(path: string): { target: string; anchor: string }[] {
  const text = (pages.get(path) ?? '').replaceAll(/```.*?```/gs, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [file = '', anchor = ''] = link.split('#');
      return { target: file === '' ? path : normalize(join(dirname(path), file)), anchor };
    });
}

test('every link leads somewhere', async () => {
  const links = paths.flatMap((path) => linksOf(path).map((link) => ({ path, ...link })));
  const broken = await Promise.all(
    links.map(async ({ path, target, anchor }) => {
      const page = pages.get(target);
      const isThere = page === undefined ? await exists(target) : anchor === '' || anchorsOf(page).includes(anchor);
      return isThere ? [] : [`${path}: ${target}#${anchor}`];
    }),
  );
  expect(broken.flat()).toEqual([]);
});

test('every page is found by links from the README', () => {
  const found = new Set(['README.md']);
  // A set that grows is walked to its end.
  for (const path of found) for (const { target } of linksOf(path)) if (pages.has(target)) found.add(target);
  expect(paths.filter((path) => !found.has(path))).toEqual([]);
});

test('every operation that a page shows fits the schema', () => {
  const shown = [...pages].flatMap(([path, page]) =>
    [...page.matchAll(/```graphql\n(.*?)```/gs)].map(([, source = '']) => ({ path, source })),
  );
  expect(shown.length).toBeGreaterThan(5);
  const problems = shown.flatMap(({ path, source }) =>
    validate(schema, parse(source)).map(({ message }) => `${path}: ${message}`),
  );
  expect(problems).toEqual([]);
});

test('every file of the repository that a page names is there', async () => {
  const named = [...pages].flatMap(([path, page]) =>
    [...page.matchAll(/`((?:src|schema|workflows|test|bench|docs|scripts)\/[\w./-]+)`/g)].map(([, file = '']) => ({
      path,
      file,
    })),
  );
  const missing = await Promise.all(
    named.map(async ({ path, file }) => ((await exists(file)) ? [] : [`${path}: ${file}`])),
  );
  expect(missing.flat()).toEqual([]);
});

/** @param path from the root of the repository */
function exists(path: string): Promise<boolean> {
  return access(join(root, path)).then(
    () => true,
    () => false,
  );
}
