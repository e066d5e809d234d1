import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One file of a font, which has the characters of some ranges. */
export interface FontFile {
  path: string;
  has(codePoint: number): boolean;
}

/** Fonts that come with Longhaul, by the name that a template gives. */
const families: Readonly<Record<string, string>> = {
  Inter: 'inter',
  Lora: 'lora',
  Montserrat: 'montserrat',
  'Noto Sans': 'noto-sans',
};
export const bundledFamilies = Object.keys(families);

/** Who has a character that the font of the template has not, in this order. Kana tell Japanese from Chinese, Hangul Korean. */
export function fallbackPackages(text: string): string[] {
  const han = ['noto-sans-sc', 'noto-sans-jp', 'noto-sans-kr'];
  const first = /[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)
    ? 'noto-sans-jp'
    : /\p{Script=Hangul}/u.test(text)
      ? 'noto-sans-kr'
      : 'noto-sans-sc';
  return [
    'noto-sans',
    'noto-sans-arabic',
    'noto-sans-hebrew',
    'noto-sans-devanagari',
    'noto-sans-thai',
    first,
    ...han.filter((name) => name !== first),
  ];
}

export function packageOf(family: string): string | null {
  return families[family] ?? null;
}

export const emojiFont = fileURLToPath(import.meta.resolve('twemoji-colr-font/twemoji.woff2'));

const read = new Map<string, FontFile[]>();

/** The files of a package of Fontsource: its variable fonts, one for each set of characters. */
export function listFontFiles(name: string): FontFile[] {
  const known = read.get(name);
  if (known !== undefined) return known;
  const index = fileURLToPath(import.meta.resolve(`@fontsource-variable/${name}/unicode.json`));
  // Written by Fontsource: names of subsets with ranges as CSS has them.
  const ranges = JSON.parse(readFileSync(index, 'utf8')) as Record<string, string>;
  const files = Object.entries(ranges).map(([subset, range]): FontFile => {
    const file = `${name}-${subset.replace(/[[\]]/g, '')}-wght-normal.woff2`;
    return { path: join(dirname(index), 'files', file), has: toMatcher(range) };
  });
  read.set(name, files);
  return files;
}

/** "U+0000-00FF,U+0131,U+4??" */
function toMatcher(range: string): (codePoint: number) => boolean {
  const parts = range.split(',').map((part): [number, number] => {
    const [from = '', to = from] = part.trim().slice(2).split('-');
    return [Number.parseInt(from.replaceAll('?', '0'), 16), Number.parseInt(to.replaceAll('?', 'F'), 16)];
  });
  return (codePoint) => parts.some(([from, to]) => codePoint >= from && codePoint <= to);
}
