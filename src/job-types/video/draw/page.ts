import { createCanvas, type Image, type SKRSContext2D } from '@napi-rs/canvas';
import type { FrameSize } from '../render/output-format.ts';
import type { Word } from '../script/split-words.ts';
import { chooseFonts } from './choose-fonts.ts';
import { isDark, mix, readableOn } from './color.ts';
import { layOutWords, type Area, type TextLayout, type TextStyle } from './lay-out-text.ts';
import type { Look } from './look.ts';
import { directionOf, type Direction } from './order-words.ts';

/** Colors that can be read where they are used. */
export interface Palette {
  background: string;
  /** Of bands and boxes, a little off the background. */
  surface: string;
  primary: string;
  text: string;
  /** Text that waits for its time. */
  faint: string;
  accent: string;
  /** Text on the accent. */
  onAccent: string;
}

/** What every design draws on: sizes, colors and fonts of one video. */
export interface Page {
  width: number;
  height: number;
  isLandscape: boolean;
  /** Of its title, which comes first in its text. */
  direction: Direction;
  /** A hundredth of the shorter side: the unit of all sizes. */
  unit: number;
  /** Where text and logo may stand. */
  safe: Area;
  /** The logo's place in it; null without one. */
  logo: Area | null;
  palette: Palette;
  warnings: readonly string[];
  /** Lays words out; what was laid out under the same key in this area is not measured again. */
  layOut(key: string, words: readonly Word[], area: Area, style: Omit<TextStyle, 'families'>): TextLayout;
}

/** `text` is all that the video shows, its title first: the fonts are chosen for it. */
export function createPage(size: FrameSize, look: Look, logo: Image | null, text: string): Page {
  const unit = Math.min(size.width, size.height) / 100;
  const margin = unit * Math.max(look.safeAreaPercent, 3);
  const safe = { x: margin, y: margin, width: size.width - 2 * margin, height: size.height - 2 * margin };
  const fonts = chooseFonts(text, look.fontFamily);
  const { palette, warnings } = createPalette(look);
  const measuring: SKRSContext2D = createCanvas(1, 1).getContext('2d');
  const layouts = new Map<string, TextLayout>();
  return {
    ...size,
    isLandscape: size.width > size.height,
    direction: directionOf(text),
    unit,
    safe,
    logo: look.logo === null || logo === null ? null : placeLogo(logo, look.logo.position, safe, unit),
    palette,
    warnings: [...fonts.warnings, ...warnings],
    layOut(key, words, area, style) {
      const found = layouts.get(key);
      if (found !== undefined) return found;
      // Only the scene on show is asked for again.
      if (layouts.size >= 20) layouts.clear();
      const layout = layOutWords(measuring, words, area, { ...style, families: fonts.families });
      layouts.set(key, layout);
      return layout;
    },
  };
}

/** By WCAG: 4.5 for running text, 3 for large type and marks. */
const leastContrast = { text: 4.5, large: 3 };

function createPalette({ colors }: Look): { palette: Palette; warnings: string[] } {
  const { background } = colors;
  const surface = mix(background, isDark(background) ? '#ffffff' : '#000000', 0.08);
  const warnings: string[] = [];
  const readable = (name: 'primary' | 'accent' | 'text', least: number): string => {
    const used = readableOn(readableOn(colors[name], background, least), surface, least);
    if (used !== colors[name].toLowerCase() && used !== colors[name]) {
      warnings.push(
        `The ${name} color ${colors[name]} cannot be read on the background ${background}, so ${used} is used.`,
      );
    }
    return used;
  };
  const text = readable('text', leastContrast.text);
  const accent = readable('accent', leastContrast.large);
  return {
    palette: {
      background,
      surface,
      primary: readable('primary', leastContrast.large),
      text,
      faint: mix(text, background, 0.55),
      accent,
      onAccent: readableOn(background, accent, leastContrast.large),
    },
    warnings,
  };
}

/** In its corner, in its own proportions, not larger than a logo should be. */
function placeLogo(logo: Image, position: NonNullable<Look['logo']>['position'], safe: Area, unit: number): Area {
  const scale = Math.min((unit * 30) / logo.width, (unit * 9) / logo.height);
  const [width, height] = [logo.width * scale, logo.height * scale];
  return {
    x: position.endsWith('LEFT') ? safe.x : safe.x + safe.width - width,
    y: position.startsWith('TOP') ? safe.y : safe.y + safe.height - height,
    width,
    height,
  };
}
