import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Area } from './lay-out-text.ts';

/** A part of a frame. Two layers with the same key look the same. */
export interface Layer {
  key: string;
  /** All that it paints lies in here. */
  area: Area;
  paint(context: SKRSContext2D): void;
}

/** The area and some room around it, for what reaches over (accents, shadows, round caps). */
export function grow(area: Area, by: number): Area {
  return { x: area.x - by, y: area.y - by, width: area.width + 2 * by, height: area.height + 2 * by };
}

export function surround(areas: readonly Area[]): Area {
  const x = Math.min(...areas.map((area) => area.x));
  const y = Math.min(...areas.map((area) => area.y));
  return {
    x,
    y,
    width: Math.max(...areas.map((area) => area.x + area.width)) - x,
    height: Math.max(...areas.map((area) => area.y + area.height)) - y,
  };
}

/** Fast at first, then slower, 0 to 1. */
export function easeOut(share: number): number {
  return 1 - (1 - Math.min(1, Math.max(0, share))) ** 3;
}
