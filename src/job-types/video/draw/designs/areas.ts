import type { Area } from '../lay-out-text.ts';
import type { Page } from '../page.ts';

/** The upper part of the safe area, beside a logo that stands there. */
export function headingArea(page: Page, height: number): Area {
  const { safe, logo, unit } = page;
  if (logo === null || logo.y > page.height / 2) return { ...safe, height };
  const gap = unit * 3;
  const isLeft = logo.x < page.width / 2;
  const width = safe.width - logo.width - gap;
  return { x: isLeft ? safe.x + logo.width + gap : safe.x, y: safe.y, width, height };
}

/** What lies between `top` and the end of the safe area, above a logo that stands there. `bottom` is kept free below. */
export function bodyArea(page: Page, top: number, bottom = 0): Area {
  const { safe, logo, unit } = page;
  const end = logo !== null && logo.y > page.height / 2 ? logo.y - unit * 3 : safe.y + safe.height;
  return { x: safe.x, y: top, width: safe.width, height: end - bottom - top };
}

/** Moves an area of this height to the middle of another one. */
export function middle(area: Area, height: number): number {
  return area.y + (area.height - height) / 2;
}
