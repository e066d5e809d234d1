import { createCanvas, ImageData } from '@napi-rs/canvas';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createWorker, PSM } from 'tesseract.js';
import type { Picture } from './pixels.ts';

/** English as Tesseract knows it, from a package: nothing is fetched. */
const langPath = join(
  dirname(createRequire(import.meta.url).resolve('@tesseract.js-data/eng/package.json')),
  '4.0.0_best_int',
);

/** What stands in pictures, as Tesseract reads it, each in one line. */
export async function readTexts(pictures: readonly Picture[]): Promise<string[]> {
  const worker = await createWorker('eng', 1, { langPath, cacheMethod: 'none' });
  try {
    // Text stands here and there, not as on a page.
    await worker.setParameters({ tessedit_pageseg_mode: PSM.SPARSE_TEXT });
    const texts: string[] = [];
    for (const picture of pictures) {
      const { data } = await worker.recognize(toPng(picture));
      texts.push(data.text.trim().replaceAll(/\s+/g, ' '));
    }
    return texts;
  } finally {
    await worker.terminate();
  }
}

function toPng({ width, height, data }: Picture): Buffer {
  const canvas = createCanvas(width, height);
  canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
  return canvas.toBuffer('image/png');
}
