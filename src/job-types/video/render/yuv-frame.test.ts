import { expect, test } from 'vitest';
import { createYuvFrame } from './yuv-frame.ts';

type Color = [red: number, green: number, blue: number];

function patch(x: number, y: number, width: number, height: number, colors: readonly Color[]) {
  return { x, y, width, height, pixels: Uint8Array.from(colors.flatMap((color) => [...color, 255])) };
}

test('colors are those of BT.709 in limited range', () => {
  const colorOf = (color: Color) => {
    const frame = createYuvFrame({ width: 2, height: 2 });
    frame.draw(patch(0, 0, 2, 2, [color, color, color, color]));
    return [...frame.bytes];
  };
  expect(colorOf([0, 0, 0])).toEqual([16, 16, 16, 16, 128, 128]);
  expect(colorOf([255, 255, 255])).toEqual([235, 235, 235, 235, 128, 128]);
  expect(colorOf([128, 128, 128])).toEqual([126, 126, 126, 126, 128, 128]);
  expect(colorOf([255, 0, 0])).toEqual([63, 63, 63, 63, 102, 240]);
  expect(colorOf([0, 255, 0])).toEqual([173, 173, 173, 173, 42, 26]);
  expect(colorOf([0, 0, 255])).toEqual([32, 32, 32, 32, 240, 118]);
});

test('each pixel has its brightness, and four of them share the mean of their colors', () => {
  const frame = createYuvFrame({ width: 2, height: 2 });
  frame.draw(
    patch(0, 0, 2, 2, [
      [255, 0, 0],
      [255, 0, 0],
      [0, 0, 255],
      [0, 0, 255],
    ]),
  );
  expect([...frame.bytes]).toEqual([63, 63, 32, 32, 171, 179]);
});

test('what does not change stays', () => {
  const frame = createYuvFrame({ width: 6, height: 4 });
  const fill = (color: Color, count: number) => Array.from({ length: count }, () => color);
  frame.draw(patch(0, 0, 6, 4, fill([0, 0, 0], 24)));
  frame.draw(patch(2, 2, 2, 2, fill([255, 0, 0], 4)));
  const rows = (from: number, width: number, height: number) =>
    Array.from({ length: height }, (_, row) => [...frame.bytes.subarray(from + row * width, from + (row + 1) * width)]);
  expect({ y: rows(0, 6, 4), u: rows(24, 3, 2), v: rows(30, 3, 2) }).toEqual({
    y: [
      [16, 16, 16, 16, 16, 16],
      [16, 16, 16, 16, 16, 16],
      [16, 16, 63, 63, 16, 16],
      [16, 16, 63, 63, 16, 16],
    ],
    u: [
      [128, 128, 128],
      [128, 102, 128],
    ],
    v: [
      [128, 128, 128],
      [128, 240, 128],
    ],
  });
});
