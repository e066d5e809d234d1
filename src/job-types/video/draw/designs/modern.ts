import { splitWords } from '../../script/split-words.ts';
import { isDark, mix, withAlpha } from '../color.ts';
import { drawText, moveText } from '../lay-out-text.ts';
import { easeOut, grow, surround } from '../layer.ts';
import { bodyArea, headingArea, toMiddle, toReadingSide } from './areas.ts';
import { toStep, type Design } from './design.ts';
import { progressLine } from './progress-line.ts';

/** Large bold type on a glow, a bar that grows, and the spoken word in a box of the accent. */
export const modern: Design = {
  paintBackground(context, { width, height, unit, palette }) {
    const { background, accent } = palette;
    const gradient = context.createLinearGradient(0, 0, width, height);
    gradient.addColorStop(0, background);
    gradient.addColorStop(1, mix(background, isDark(background) ? '#000000' : '#ffffff', 0.35));
    context.fillStyle = gradient;
    context.fillRect(0, 0, width, height);
    const glow = context.createRadialGradient(width, 0, 0, width, 0, unit * 95);
    glow.addColorStop(0, withAlpha(accent, 0.28));
    glow.addColorStop(1, withAlpha(accent, 0));
    context.fillStyle = glow;
    context.fillRect(0, 0, width, height);
  },

  title(page, title, shown) {
    const { unit, palette, isLandscape } = page;
    const room = bodyArea(page, page.safe.y + unit * 12, unit * 6);
    const area = { ...room, width: room.width * (isLandscape ? 0.86 : 1) };
    const style = { weight: 800, size: unit * 11, lineHeight: 1.1, align: 'start' } as const;
    const layout = page.layOut('title', splitWords(title), area, style);
    const text = toReadingSide(toMiddle(layout, area), area, room);
    const isLeftward = layout.direction === 'rtl';
    const width = unit * 18;
    const x = isLeftward ? room.x + room.width - width : room.x;
    const bar = { x, y: text.area.y - unit * 5, width, height: unit * 1.2 };
    const eased = easeOut(shown);
    const slide = unit * 5 * (1 - eased);
    return {
      key: `title ${toStep(shown)}`,
      area: grow(surround([bar, text.area, moveText(text, 0, slide).area]), unit * 2),
      paint(context) {
        context.fillStyle = palette.accent;
        const grown = bar.width * eased;
        context.beginPath();
        context.roundRect(isLeftward ? bar.x + width - grown : bar.x, bar.y, grown, bar.height, bar.height / 2);
        context.fill();
        context.globalAlpha = eased;
        drawText(context, moveText(text, 0, slide), () => palette.primary);
      },
    };
  },

  scene(page, { index, heading, shown }) {
    const { unit, palette } = page;
    const inset = unit * 2.6;
    const place = headingArea(page, unit * 13);
    const area = { ...place, x: place.x + inset, width: place.width - inset };
    const style = { weight: 700, size: unit * 4.8, lineHeight: 1.2, align: 'start' } as const;
    const layout = page.layOut(`heading ${index}`, splitWords(heading), area, style);
    const eased = easeOut(shown);
    const text = moveText(layout, layout.direction === 'rtl' ? -inset : 0, 0);
    const bar = {
      x: layout.direction === 'rtl' ? place.x + place.width - unit * 0.9 : place.x,
      y: layout.area.y + unit * 0.6,
      width: unit * 0.9,
      height: layout.area.height - unit * 1.2,
    };
    return {
      key: `scene ${index} ${toStep(shown)}`,
      area: grow(surround([text.area, bar]), unit),
      paint(context) {
        context.globalAlpha = eased;
        context.fillStyle = palette.accent;
        context.fillRect(bar.x, bar.y, bar.width, bar.height * eased);
        drawText(context, text, () => palette.primary);
      },
    };
  },

  cue(page, { index, cue, word, shown }) {
    const { unit, palette, isLandscape } = page;
    const room = bodyArea(page, page.safe.y + unit * 20, unit * 5);
    const area = { ...room, width: room.width * (isLandscape ? 0.88 : 1) };
    const style = { weight: 700, size: unit * (isLandscape ? 8 : 8.4), lineHeight: 1.36, align: 'start' } as const;
    const layout = page.layOut(`cue ${index}`, cue.words, area, style);
    const eased = easeOut(shown);
    const text = toReadingSide(toMiddle(layout, area), area, room);
    return {
      key: `cue ${index} ${word} ${toStep(shown)}`,
      area: grow(text.area, unit * 3),
      paint(context) {
        context.globalAlpha = eased;
        const pad = layout.size * 0.11;
        context.fillStyle = palette.accent;
        for (const placed of text.words.filter((each) => each.index === word)) {
          context.beginPath();
          const top = placed.y - layout.size * 0.95;
          const width = placed.width - blankEnd(placed.text) * layout.size;
          context.roundRect(placed.x - pad, top, width + 2 * pad, layout.size * 1.26, layout.size * 0.18);
          context.fill();
        }
        drawText(context, text, (position) => (position === word ? palette.onAccent : palette.text));
      },
    };
  },

  progress({ width, height, unit, palette }, { share }) {
    const area = { x: 0, y: height - unit * 0.9, width, height: unit * 0.9 };
    return progressLine(area, share, { empty: withAlpha(palette.text, 0.14), filled: palette.accent });
  },
};

/** The right half of these signs is empty, in shares of the size. */
function blankEnd(text: string): number {
  return /[、。，．]$/u.test(text) ? 0.5 : 0;
}
