import { createCanvas, type Canvas, type SKRSContext2D } from '@napi-rs/canvas';
import type { FrameSize } from '../render/output-format.ts';
import type { Area } from './lay-out-text.ts';
import { surround, type Layer } from './layer.ts';

/** A rectangle of pixels that changed, as RGBA. All its edges are even: four pixels share their color in a video. */
export interface Patch extends Area {
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
  const whole: Area = { x: 0, y: 0, width, height };
  const background = createCanvas(width, height);
  paintBackground(background.getContext('2d'));
  const canvases = new Map<string, Canvas>();
  let shown: readonly Layer[] | null = null;

  function canvasOf({ width: columns, height: rows }: Area): Canvas {
    const key = `${columns}x${rows}`;
    const found = canvases.get(key);
    if (found !== undefined) return found;
    // The progress line and the caption on show are asked for again and again.
    if (canvases.size >= 4) canvases.clear();
    const canvas = createCanvas(columns, rows);
    canvases.set(key, canvas);
    return canvas;
  }

  function paint(canvas: Canvas, area: Area, layers: readonly Layer[]): void {
    const context = canvas.getContext('2d');
    const { x, y } = area;
    context.drawImage(background, x, y, area.width, area.height, 0, 0, area.width, area.height);
    for (const layer of layers) {
      if (!isOver(layer.area, area)) continue;
      context.save();
      context.translate(-x, -y);
      layer.paint(context);
      context.restore();
    }
  }

  return {
    compose(layers) {
      const changed = shown === null ? [whole] : findChanges(shown, layers);
      shown = layers;
      return join(changed.map((area) => toPairs(area, whole)).filter(hasPixels)).map((area) => {
        const canvas = canvasOf(area);
        paint(canvas, area, layers);
        return { ...area, pixels: canvas.data() };
      });
    },
    draw(layers) {
      const canvas = createCanvas(width, height);
      paint(canvas, whole, layers);
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

/** The pairs of rows and columns that an area touches. */
function toPairs({ x, y, width, height }: Area, whole: Area): Area {
  const left = Math.max(0, Math.floor(x / 2) * 2);
  const top = Math.max(0, Math.floor(y / 2) * 2);
  const right = Math.min(whole.width, Math.ceil((x + width) / 2) * 2);
  const bottom = Math.min(whole.height, Math.ceil((y + height) / 2) * 2);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

const hasPixels = ({ width, height }: Area) => width > 0 && height > 0;

function isOver(one: Area, other: Area): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

/** As few areas, none over another: what lies over each other is painted once. */
function join(areas: readonly Area[]): Area[] {
  const joined: Area[] = [];
  for (let area of areas) {
    for (let index = joined.findIndex((each) => isOver(each, area)); index >= 0;) {
      area = surround([area, ...joined.splice(index, 1)]);
      index = joined.findIndex((each) => isOver(each, area));
    }
    joined.push(area);
  }
  return joined;
}
