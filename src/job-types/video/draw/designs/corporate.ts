import { splitWords } from '../../script/split-words.ts';
import { withAlpha } from '../color.ts';
import { drawText, moveText, type Area } from '../lay-out-text.ts';
import { easeOut, grow, surround } from '../layer.ts';
import type { Page } from '../page.ts';
import { bodyArea, middle, toMiddle } from './areas.ts';
import { toStep, type Design } from './design.ts';

/** A column of the accent where reading begins, headings as on a slide, captions in a band below, and a bar with one part for each scene. */
export const corporate: Design = {
  paintBackground(context, page) {
    const { width, height, unit, palette, direction } = page;
    const band = bandTop(page);
    context.fillStyle = palette.background;
    context.fillRect(0, 0, width, height);
    context.fillStyle = palette.surface;
    context.fillRect(0, band, width, height - band);
    context.fillStyle = palette.accent;
    context.fillRect(direction === 'rtl' ? width - unit * 1.8 : 0, 0, unit * 1.8, band);
  },

  title(page, title, shown) {
    const { unit, palette } = page;
    const inner = slideArea(page);
    const style = { weight: 700, size: unit * 9, lineHeight: 1.14, align: 'start' } as const;
    const layout = page.layOut('title', splitWords(title), inner, style);
    const text = toMiddle(layout, inner);
    const rule = { x: inner.x, y: bandTop(page) - unit * 0.4, width: inner.width, height: unit * 0.8 };
    const eased = easeOut(shown);
    const isLeftward = layout.direction === 'rtl';
    return {
      key: `title ${toStep(shown)}`,
      area: grow(surround([inner, rule]), unit),
      paint(context) {
        const seen = rule.width * eased;
        const x = isLeftward ? rule.x + rule.width - seen : rule.x;
        context.fillStyle = palette.accent;
        context.fillRect(x, rule.y, seen, rule.height);
        // It is wiped in from where reading begins.
        context.beginPath();
        context.rect(x - unit, inner.y - unit, seen + 2 * unit, inner.height + 2 * unit);
        context.clip();
        drawText(context, text, () => palette.primary);
      },
    };
  },

  scene(page, { index, count, heading, shown }) {
    const { unit, palette } = page;
    const inner = slideArea(page);
    const counter = { ...inner, height: unit * 6 };
    const numberStyle = { weight: 600, size: unit * 3.8, lineHeight: 1.2, align: 'start' } as const;
    const number = page.layOut(`number ${index}`, splitWords(`${index + 1} / ${count}`), counter, numberStyle);
    const style = { weight: 700, size: unit * 7, lineHeight: 1.18, align: 'start' } as const;
    const below = { ...inner, y: inner.y + unit * 7, height: inner.height - unit * 7 };
    const layout = page.layOut(`heading ${index}`, splitWords(heading), below, style);
    const isLeftward = layout.direction === 'rtl';
    const top = middle(inner, layout.area.height + unit * 7) - inner.y;
    const eased = easeOut(shown);
    const text = moveText(layout, 0, top);
    const placed = moveText(number, isLeftward ? inner.width - number.area.width : 0, top);
    return {
      key: `scene ${index} ${toStep(shown)}`,
      area: grow(inner, unit),
      paint(context) {
        const slide = unit * 4 * (1 - eased) * (isLeftward ? 1 : -1);
        context.globalAlpha = eased;
        drawText(context, moveText(placed, slide, 0), () => palette.accent);
        drawText(context, moveText(text, slide, 0), () => palette.primary);
      },
    };
  },

  cue(page, { index, cue, word, shown }) {
    const { unit, palette } = page;
    const room = bodyArea(page, bandTop(page) + unit * 2, unit * 1.5);
    const style = { weight: 500, size: unit * 5.6, lineHeight: 1.3, align: 'center' } as const;
    const layout = page.layOut(`cue ${index}`, cue.words, room, style);
    const text = toMiddle(layout, room);
    return {
      key: `cue ${index} ${word} ${toStep(shown)}`,
      area: grow(text.area, unit),
      paint(context) {
        context.globalAlpha = easeOut(shown);
        drawText(context, text, (position) => (position === word ? palette.accent : palette.text));
      },
    };
  },

  progress({ width, height, unit, palette }, { share, sceneEnds }) {
    const area = { x: 0, y: height - unit * 1.1, width, height: unit * 1.1 };
    const filled = Math.round(width * share);
    const gap = unit * 0.5;
    return {
      key: `progress ${filled}`,
      area,
      paint(context) {
        let from = 0;
        for (const end of sceneEnds) {
          const to = width * end;
          context.fillStyle = withAlpha(palette.text, 0.2);
          context.fillRect(from, area.y, to - from - gap, area.height);
          context.fillStyle = palette.accent;
          context.fillRect(from, area.y, Math.max(0, Math.min(filled, to - gap) - from), area.height);
          from = to;
        }
      },
    };
  },
};

/** Where the band of captions begins: higher where a logo stands in it. */
function bandTop({ height, logo }: Page): number {
  return height * (logo !== null && logo.y > height / 2 ? 0.62 : 0.7);
}

/** What is beside the column and above the band, below a logo in it. */
function slideArea(page: Page): Area {
  const { unit, width, height, safe, logo, direction } = page;
  const column = unit * 5;
  const left = direction === 'rtl' ? safe.x : Math.max(safe.x, column);
  const right = direction === 'rtl' ? Math.min(safe.x + safe.width, width - column) : safe.x + safe.width;
  const y = logo !== null && logo.y < height / 2 ? logo.y + logo.height + unit * 2 : safe.y;
  return { x: left, y, width: right - left, height: bandTop(page) - unit * 3 - y };
}
