import { createCanvas, type Canvas, type SKRSContext2D } from '@napi-rs/canvas';
import type { FrameSize } from '../render/output-format.ts';
import type { Area } from './lay-out-text.ts';
import type { Layer } from './layer.ts';

/** Whole rows of pixels that changed, as RGBA. */
export interface Patch {
  top: number;
  pixels: Uint8ClampedArray;
}

export interface Compositor {
  canvas: Canvas;
  /** Shows these layers and nothing else, over the background. Answers what is different from before. */
  compose(layers: readonly Layer[]): Patch[];
}

/**
 * Paints only what changed: reading a whole picture back takes longer than encoding it, and between two frames little more
 * than a word and a line is different.
 */
export function createCompositor(
  { width, height }: FrameSize,
  paintBackground: (context: SKRSContext2D) => void,
): Compositor {
  const background = createCanvas(width, height);
  paintBackground(background.getContext('2d'));
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  context.drawImage(background, 0, 0);
  let shown: readonly Layer[] = [];
  let isFirst = true;

  return {
    canvas,
    compose(layers) {
      const changed = isFirst ? [{ x: 0, y: 0, width, height }] : findChanges(shown, layers);
      isFirst = false;
      shown = layers;
      return joinRows(changed, height).map(({ top, bottom }) => {
        const rows = bottom - top;
        context.save();
        context.beginPath();
        context.rect(0, top, width, rows);
        context.clip();
        context.drawImage(background, 0, top, width, rows, 0, top, width, rows);
        for (const layer of layers) {
          if (layer.area.y >= bottom || layer.area.y + layer.area.height <= top) continue;
          context.save();
          layer.paint(context);
          context.restore();
        }
        context.restore();
        return { top, pixels: context.getImageData(0, top, width, rows).data };
      });
    },
  };
}

function findChanges(before: readonly Layer[], after: readonly Layer[]): Area[] {
  const known = new Set(before.map((layer) => layer.key));
  const wanted = new Set(after.map((layer) => layer.key));
  return [...before.filter(({ key }) => !wanted.has(key)), ...after.filter(({ key }) => !known.has(key))].map(
    ({ area }) => area,
  );
}

/** Rows of whole pixels, from top to bottom, joined where they meet. */
function joinRows(areas: readonly Area[], height: number): { top: number; bottom: number }[] {
  const rows = areas
    .map(({ y, height: rowsHeight }) => ({
      top: Math.max(0, Math.floor(y)),
      bottom: Math.min(height, Math.ceil(y + rowsHeight)),
    }))
    .filter(({ top, bottom }) => top < bottom)
    .sort((a, b) => a.top - b.top);
  const joined: { top: number; bottom: number }[] = [];
  for (const row of rows) {
    const last = joined.at(-1);
    if (last !== undefined && row.top <= last.bottom) last.bottom = Math.max(last.bottom, row.bottom);
    else joined.push({ ...row });
  }
  return joined;
}
