import { moveText, type Area, type TextLayout } from '../lay-out-text.ts';
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

/** Where something of this height begins that stands in the middle of an area. */
export function middle(area: Area, height: number): number {
  return area.y + (area.height - height) / 2;
}

export function toMiddle(layout: TextLayout, room: Area): TextLayout {
  return moveText(layout, 0, middle(room, layout.area.height) - layout.area.y);
}

export function toFoot(layout: TextLayout, room: Area): TextLayout {
  return moveText(layout, 0, room.y + room.height - layout.area.height - layout.area.y);
}

/** Text that was laid out in a part of a room, at the side of the room where its reading begins. */
export function toReadingSide(layout: TextLayout, part: Area, room: Area): TextLayout {
  return layout.direction === 'rtl' ? moveText(layout, room.width - part.width, 0) : layout;
}
