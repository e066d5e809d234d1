import { createCanvas, type Canvas } from '@napi-rs/canvas';

export type PictureFormat = 'PNG' | 'JPEG';

/** A picture of the canvas, not larger than `mostPixels` at its longer side. */
export async function encodePicture(canvas: Canvas, format: PictureFormat, mostPixels: number): Promise<Buffer> {
  const scale = Math.min(1, mostPixels / Math.max(canvas.width, canvas.height));
  const small = createCanvas(Math.round(canvas.width * scale), Math.round(canvas.height * scale));
  const context = small.getContext('2d');
  context.imageSmoothingQuality = 'high';
  context.drawImage(canvas, 0, 0, small.width, small.height);
  return format === 'PNG' ? await small.encode('png') : await small.encode('jpeg', 88);
}
