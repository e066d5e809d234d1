import { splitWords } from '../../script/split-words.ts';
import { isDark, mix, withAlpha } from '../color.ts';
import { drawText, moveText } from '../lay-out-text.ts';
import { easeOut, grow, surround } from '../layer.ts';
import { bodyArea, headingArea, middle } from './areas.ts';
import { toStep, type Design } from './design.ts';

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
    const { unit, palette, isPortrait } = page;
    const room = bodyArea(page, page.safe.y + unit * 12, unit * 6);
    const area = { ...room, width: room.width * (isPortrait ? 1 : 0.86) };
    const style = { weight: 800, size: unit * 11, lineHeight: 1.1, align: 'start' } as const;
    const layout = page.layOut('title', splitWords(title), area, style);
    const top = middle(area, layout.area.height);
    const bar = { x: area.x, y: top - unit * 5, width: unit * 18, height: unit * 1.2 };
    if (layout.direction === 'rtl') bar.x = area.x + area.width - bar.width;
    const eased = easeOut(shown);
    const slide = unit * 5 * (1 - eased);
    const text = moveText(layout, 0, top - layout.area.y + slide);
    return {
      key: `title ${toStep(shown)}`,
      area: grow(surround([bar, text.area, moveText(layout, 0, top - layout.area.y).area]), unit * 2),
      paint(context) {
        context.fillStyle = palette.accent;
        const grown = bar.width * eased;
        context.beginPath();
        context.roundRect(
          layout.direction === 'rtl' ? bar.x + bar.width - grown : bar.x,
          bar.y,
          grown,
          bar.height,
          bar.height / 2,
        );
        context.fill();
        context.globalAlpha = eased;
        drawText(context, text, () => palette.primary);
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
    const { unit, palette, isPortrait } = page;
    const room = bodyArea(page, page.safe.y + unit * 20, unit * 5);
    const area = { ...room, width: room.width * (isPortrait ? 1 : 0.88) };
    const style = { weight: 700, size: unit * (isPortrait ? 8.4 : 8), lineHeight: 1.36, align: 'start' } as const;
    const layout = page.layOut(`cue ${index}`, cue.words, area, style);
    const eased = easeOut(shown);
    const text = moveText(layout, 0, middle(area, layout.area.height) - layout.area.y);
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
          context.roundRect(placed.x - pad, top, placed.width + 2 * pad, layout.size * 1.26, layout.size * 0.18);
          context.fill();
        }
        drawText(context, text, (position) => (position === word ? palette.onAccent : palette.text));
      },
    };
  },

  progress({ width, height, unit, palette }, { share }) {
    const area = { x: 0, y: height - unit * 0.9, width, height: unit * 0.9 };
    const filled = Math.round(width * share);
    return {
      key: `progress ${filled}`,
      area,
      paint(context) {
        context.fillStyle = withAlpha(palette.text, 0.14);
        context.fillRect(area.x, area.y, area.width, area.height);
        context.fillStyle = palette.accent;
        context.fillRect(area.x, area.y, filled, area.height);
      },
    };
  },
};
