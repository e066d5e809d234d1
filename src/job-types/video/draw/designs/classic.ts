import { splitWords } from '../../script/split-words.ts';
import { withAlpha } from '../color.ts';
import { drawText, type Area } from '../lay-out-text.ts';
import { easeOut, grow, surround } from '../layer.ts';
import type { Page } from '../page.ts';
import { bodyArea, headingArea, toMiddle } from './areas.ts';
import { toStep, type Design } from './design.ts';
import { progressLine } from './progress-line.ts';

/** Everything in the middle of a double frame, with rules and a diamond; it fades, and the spoken word is underlined. */
export const classic: Design = {
  paintBackground(context, { width, height, unit, palette }) {
    context.fillStyle = palette.background;
    context.fillRect(0, 0, width, height);
    context.strokeStyle = withAlpha(palette.primary, 0.55);
    for (const [inset, line] of [
      [1.6, 0.45],
      [2.6, 0.15],
    ] as const) {
      context.lineWidth = Math.max(1, unit * line);
      context.strokeRect(unit * inset, unit * inset, width - 2 * unit * inset, height - 2 * unit * inset);
    }
  },

  title(page, title, shown) {
    const { unit, palette, width } = page;
    const inner = bodyArea(page, page.safe.y + unit * 12, unit * 14);
    const room = { ...inner, x: inner.x + unit * 6, width: inner.width - unit * 12 };
    const style = { weight: 500, size: unit * 9.5, lineHeight: 1.22, align: 'center' } as const;
    const layout = page.layOut('title', splitWords(title), room, style);
    const text = toMiddle(layout, room);
    const rule = text.area.y + text.area.height + unit * 5;
    const half = unit * 16;
    const ornament = { x: width / 2 - half, y: rule - unit * 1.4, width: 2 * half, height: unit * 2.8 };
    return {
      key: `title ${toStep(shown)}`,
      area: grow(surround([text.area, ornament]), unit * 2),
      paint(context) {
        context.globalAlpha = easeOut(shown);
        drawText(context, text, () => palette.primary);
        context.strokeStyle = palette.accent;
        context.fillStyle = palette.accent;
        context.lineWidth = unit * 0.35;
        const reach = half * easeOut(shown);
        context.beginPath();
        context.moveTo(width / 2 - reach, rule);
        context.lineTo(width / 2 - unit * 2.4, rule);
        context.moveTo(width / 2 + unit * 2.4, rule);
        context.lineTo(width / 2 + reach, rule);
        context.stroke();
        context.beginPath();
        context.moveTo(width / 2, rule - unit * 1.3);
        context.lineTo(width / 2 + unit * 1.3, rule);
        context.lineTo(width / 2, rule + unit * 1.3);
        context.lineTo(width / 2 - unit * 1.3, rule);
        context.fill();
      },
    };
  },

  scene(page, { index, heading, shown }) {
    const { unit, palette } = page;
    const area = centerArea(page);
    const style = { weight: 500, size: unit * 4.6, lineHeight: 1.2, align: 'center' } as const;
    const layout = page.layOut(`heading ${index}`, splitWords(heading), area, style);
    const center = area.x + area.width / 2;
    const line = {
      x: center - unit * 7,
      y: layout.area.y + layout.area.height + unit * 1.6,
      width: unit * 14,
      height: unit * 0.35,
    };
    return {
      key: `scene ${index} ${toStep(shown)}`,
      area: grow(surround([layout.area, line]), unit),
      paint(context) {
        context.globalAlpha = easeOut(shown);
        drawText(context, layout, () => palette.primary);
        context.fillStyle = palette.accent;
        context.fillRect(line.x, line.y, line.width, line.height);
      },
    };
  },

  cue(page, { index, cue, word, shown }) {
    const { unit, palette, isLandscape } = page;
    const inner = bodyArea(page, page.safe.y + unit * 22, unit * 10);
    const inset = unit * (isLandscape ? 12 : 4);
    const room = { ...inner, x: inner.x + inset, width: inner.width - 2 * inset };
    const style = { weight: 500, size: unit * 7.2, lineHeight: 1.42, align: 'center' } as const;
    const layout = page.layOut(`cue ${index}`, cue.words, room, style);
    const text = toMiddle(layout, room);
    return {
      key: `cue ${index} ${word} ${toStep(shown)}`,
      area: grow(text.area, unit * 2),
      paint(context) {
        context.globalAlpha = easeOut(shown);
        drawText(context, text, (position) => (position === word ? palette.accent : palette.text));
        context.fillStyle = palette.accent;
        for (const placed of text.words.filter((each) => each.index === word)) {
          context.fillRect(placed.x, placed.y + layout.size * 0.24, placed.width, unit * 0.4);
        }
      },
    };
  },

  progress({ width, height, unit, palette }, { share }) {
    const area = { x: width * 0.35, y: height - unit * 5.2, width: width * 0.3, height: unit * 0.5 };
    return progressLine(area, share, { empty: withAlpha(palette.primary, 0.25), filled: palette.accent });
  },
};

/** As much of the middle as does not touch a logo at either side; below the logo where that would be too narrow for a heading. */
function centerArea(page: Page): Area {
  const { width, unit, safe, logo } = page;
  const beside = headingArea(page, unit * 14);
  const half = Math.min(width / 2 - beside.x, beside.x + beside.width - width / 2);
  if (logo !== null && half < unit * 25) return { ...safe, y: logo.y + logo.height + unit * 2, height: unit * 9 };
  return { x: width / 2 - half, y: beside.y + unit * 2, width: 2 * half, height: unit * 11 };
}
