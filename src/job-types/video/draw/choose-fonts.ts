import { GlobalFonts } from '@napi-rs/canvas';
import { bundledFamilies, emojiFont, fallbackPackages, listFontFiles, packageOf } from './font-packages.ts';

export interface Fonts {
  /** For `context.font`: the families that draw this text, the wanted one first. */
  families: string;
  warnings: string[];
}

const emoji = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u20e3/u;
/** What needs no glyph of its own. */
const invisible = /[\s\p{Cc}\p{Cf}\p{Variation_Selector}]/u;

/** Finds a font for every character of `text`: that of the template, else one that comes with Longhaul, else one of this machine. */
export function chooseFonts(text: string, family: string): Fonts {
  const bundled = packageOf(family);
  const isInstalled = bundled === null && GlobalFonts.has(family);
  const warnings =
    bundled === null && !isInstalled
      ? [`The font "${family}" is not here, so Inter is used: ${bundledFamilies.join(', ')} come with Longhaul.`]
      : [];
  const packages = [bundled ?? 'inter', ...fallbackPackages(text)];
  const aliases = new Set<string>(isInstalled ? [JSON.stringify(family)] : []);
  const lacking = new Set<string>();
  for (const character of new Set(text)) {
    if (invisible.test(character)) continue;
    const path = findFile(packages, character);
    if (path !== null) aliases.add(register(path));
    else if (!emoji.test(character)) lacking.add(character);
  }
  // Last: it has digits too.
  if (emoji.test(text)) aliases.add(register(emojiFont));
  if (lacking.size > 0) {
    const some = [...lacking].slice(0, 10).join(' ');
    warnings.push(`No font that comes with Longhaul has these characters, so those of the machine draw them: ${some}`);
  }
  return { families: [...aliases, 'sans-serif'].join(', '), warnings };
}

function findFile(packages: readonly string[], character: string): string | null {
  const codePoint = character.codePointAt(0) ?? 0;
  for (const name of packages) {
    const file = listFontFiles(name).find((each) => each.has(codePoint));
    if (file !== undefined) return file.path;
  }
  return null;
}

/** Names of fonts hold for the whole process: each file is read once, however many videos it draws. */
const registered = new Map<string, string>();

function register(path: string): string {
  const known = registered.get(path);
  if (known !== undefined) return known;
  const alias = `longhaul-${registered.size}`;
  if (GlobalFonts.registerFromPath(path, alias) === null) throw new Error(`The font ${path} cannot be read.`);
  registered.set(path, alias);
  return alias;
}
