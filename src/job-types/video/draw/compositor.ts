import { createCanvas, type Canvas, type SKRSContext2D } from '@napi-rs/canvas';
import type { FrameSize } from '../render/output-format.ts';
import type { Area } from './lay-out-text.ts';
import type { Layer } from './layer.ts';

/** Whole rows of pixels that changed, as RGBA; an even number of them, from an even one on, as chroma is shared by two. */
export interface Patch {
  top: number;
  pixels: Uint8Array;
}

export interface Compositor {
  /** Shows these layers and nothing else, over the background. Answers what is different from before; all of it at first. */
  compose(layers: readonly Layer[]): Patch[];
  /** A whole picture of them, whatever was shown before. */
  draw(layers: readonly Layer[]): Canvas;
}

/**
 * Paints only what changed, on a canvas of that size: reading a whole picture back takes longer than encoding it, between two
 * frames little more than a word and a line is different, and a canvas that was read is copied whole when it is painted on again.
 */
export function createCompositor(
  { width, height }: FrameSize,
  paintBackground: (context: SKRSContext2D) => void,
): Compositor {
  const background = createCanvas(width, height);
  paintBackground(background.getContext('2d'));
  const canvases = new Map<number, Canvas>();
  let shown: readonly Layer[] | null = null;

  function canvasOf(rows: number): Canvas {
    const found = canvases.get(rows);
    if (found !== undefined) return found;
    // The progress line and the caption on show are asked for again and again.
    if (canvases.size >= 4) canvases.clear();
    const canvas = createCanvas(width, rows);
    canvases.set(rows, canvas);
    return canvas;
  }

  function paint(canvas: Canvas, top: number, layers: readonly Layer[]): void {
    const context = canvas.getContext('2d');
    const rows = canvas.height;
    context.drawImage(background, 0, top, width, rows, 0, 0, width, rows);
    for (const layer of layers) {
      if (layer.area.y >= top + rows || layer.area.y + layer.area.height <= top) continue;
      context.save();
      context.translate(0, -top);
      layer.paint(context);
      context.restore();
    }
  }

  return {
    compose(layers) {
      const changed = shown === null ? [{ x: 0, y: 0, width, height }] : findChanges(shown, layers);
      shown = layers;
      return joinRows(changed, height).map(({ top, bottom }) => {
        const canvas = canvasOf(bottom - top);
        paint(canvas, top, layers);
        return { top, pixels: canvas.data() };
      });
    },
    draw(layers) {
      const canvas = createCanvas(width, height);
      paint(canvas, 0, layers);
      return canvas;
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

/** Pairs of rows, from top to bottom, joined where they meet. */
function joinRows(areas: readonly Area[], height: number): { top: number; bottom: number }[] {
  const rows = areas
    .map(({ y, height: rowsHeight }) => ({
      top: Math.max(0, Math.floor(y / 2) * 2),
      bottom: Math.min(height, Math.ceil((y + rowsHeight) / 2) * 2),
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
