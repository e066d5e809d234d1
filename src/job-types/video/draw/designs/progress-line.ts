import type { Area } from '../lay-out-text.ts';
import { grow, type Layer } from '../layer.ts';

/** A line that fills from the left, as players show it whatever the language is. */
export function progressLine(area: Area, share: number, colors: { empty: string; filled: string }): Layer {
  const filled = Math.round(area.width * share);
  return {
    key: `progress ${filled}`,
    area: grow(area, 1),
    paint(context) {
      context.fillStyle = colors.empty;
      context.fillRect(area.x, area.y, area.width, area.height);
      context.fillStyle = colors.filled;
      context.fillRect(area.x, area.y, filled, area.height);
    },
  };
}
