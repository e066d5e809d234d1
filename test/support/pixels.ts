import { createCanvas, loadImage, type Canvas } from '@napi-rs/canvas';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { MediaTools } from '../../src/providers/ffmpeg/media-tools.ts';

export type Color = [red: number, green: number, blue: number];

/** RGBA, row by row. */
export interface Picture {
  width: number;
  height: number;
  data: Uint8Array | Uint8ClampedArray;
}

export function toPicture(canvas: Canvas): Picture {
  const { width, height } = canvas;
  return { width, height, data: canvas.getContext('2d').getImageData(0, 0, width, height).data };
}

export async function readPicture(file: string | Buffer): Promise<Picture> {
  const image = await loadImage(file);
  const canvas = createCanvas(image.width, image.height);
  canvas.getContext('2d').drawImage(image, 0, 0);
  return toPicture(canvas);
}

/** The frame of a video that is seen at a moment. */
export async function readFrame(
  tools: MediaTools,
  path: string,
  atMs: number,
  size: { width: number; height: number },
): Promise<Picture> {
  const { stdout } = await promisify(execFile)(
    tools.ffmpeg,
    [
      '-v',
      'error',
      '-i',
      path,
      '-ss',
      (atMs / 1_000).toFixed(3),
      '-frames:v',
      '1',
      '-vf',
      'format=rgba',
      '-f',
      'rawvideo',
      '-',
    ],
    { encoding: 'buffer', maxBuffer: 2 ** 26 },
  );
  return { ...size, data: stdout };
}

export function pixelAt({ width, data }: Picture, x: number, y: number): Color {
  const offset = (Math.round(y) * width + Math.round(x)) * 4;
  return [data[offset] ?? 0, data[offset + 1] ?? 0, data[offset + 2] ?? 0];
}

export interface Found {
  count: number;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The pixels of about this color: how many, and the box around them. */
export function findColor(picture: Picture, hex: string, tolerance = 24): Found {
  const value = Number.parseInt(hex.slice(1), 16);
  const wanted: Color = [(value >> 16) & 255, (value >> 8) & 255, value & 255];
  return findPixels(picture, (color) => distance(color, wanted) <= tolerance);
}

export function findPixels(picture: Picture, accepts: (color: Color, x: number, y: number) => boolean): Found {
  const found = { count: 0, left: Infinity, top: Infinity, right: -1, bottom: -1 };
  for (let y = 0; y < picture.height; y += 1) {
    for (let x = 0; x < picture.width; x += 1) {
      if (!accepts(pixelAt(picture, x, y), x, y)) continue;
      found.count += 1;
      found.left = Math.min(found.left, x);
      found.right = Math.max(found.right, x);
      found.top = Math.min(found.top, y);
      found.bottom = Math.max(found.bottom, y);
    }
  }
  return found;
}

/** The largest difference of a channel. */
export function distance(a: Color, b: Color): number {
  return Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]), Math.abs(a[2] - b[2]));
}
