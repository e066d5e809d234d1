import { splitWords } from '../../script/split-words.ts';
import { withAlpha } from '../color.ts';
import { drawText } from '../lay-out-text.ts';
import { easeOut, grow } from '../layer.ts';
import { bodyArea, headingArea, toFoot, toReadingSide } from './areas.ts';
import { toStep, type Design } from './design.ts';
import { progressLine } from './progress-line.ts';

/** Light type at the foot of an empty page, one hairline, and words that come up as they are spoken. */
export const minimal: Design = {
  paintBackground(context, { width, height, palette }) {
    context.fillStyle = palette.background;
    context.fillRect(0, 0, width, height);
  },

  title(page, title, shown) {
    const { unit, palette, isLandscape } = page;
    const room = bodyArea(page, page.safe.y + unit * 14, unit * 4);
    const area = { ...room, width: room.width * (isLandscape ? 0.7 : 0.95) };
    const style = { weight: 300, size: unit * 8.6, lineHeight: 1.16, align: 'start' } as const;
    const layout = page.layOut('title', splitWords(title), area, style);
    const text = toReadingSide(toFoot(layout, room), area, room);
    const x = layout.direction === 'rtl' ? room.x + room.width - unit * 2 : room.x;
    const dot = { x, y: text.area.y - unit * 5, width: unit * 2, height: unit * 2 };
    return {
      key: `title ${toStep(shown)}`,
      area: { x: room.x - unit, y: dot.y - unit, width: room.width + 2 * unit, height: page.height - dot.y },
      paint(context) {
        context.globalAlpha = easeOut(shown);
        context.fillStyle = palette.accent;
        context.beginPath();
        context.arc(dot.x + unit, dot.y + unit, unit, 0, 2 * Math.PI);
        context.fill();
        drawText(context, text, () => palette.primary);
      },
    };
  },

  scene(page, { index, heading, shown }) {
    const { unit, palette } = page;
    const area = headingArea(page, unit * 8);
    const style = { weight: 400, size: unit * 3.6, lineHeight: 1.25, align: 'start' } as const;
    const layout = page.layOut(`heading ${index}`, splitWords(heading), area, style);
    return {
      key: `scene ${index} ${toStep(shown)}`,
      area: grow(layout.area, unit),
      paint(context) {
        context.globalAlpha = easeOut(shown);
        drawText(context, layout, () => palette.primary);
      },
    };
  },

  cue(page, { index, cue, word, shown }) {
    const { unit, palette, isLandscape } = page;
    const room = bodyArea(page, page.safe.y + unit * 14, unit * 4);
    const style = { weight: 300, size: unit * (isLandscape ? 9.6 : 9), lineHeight: 1.2, align: 'start' } as const;
    const layout = page.layOut(`cue ${index}`, cue.words, room, style);
    const text = toFoot(layout, room);
    return {
      key: `cue ${index} ${word} ${toStep(shown)}`,
      area: grow(text.area, unit * 2),
      paint(context) {
        context.globalAlpha = easeOut(shown);
        drawText(context, text, (position) =>
          position === word ? palette.accent : position < word ? palette.text : palette.faint,
        );
      },
    };
  },

  progress({ width, unit, palette }, { share }) {
    const area = { x: 0, y: 0, width, height: Math.max(2, unit * 0.45) };
    return progressLine(area, share, { empty: withAlpha(palette.text, 0.15), filled: palette.accent });
  },
};
