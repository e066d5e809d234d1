import { readFile } from 'node:fs/promises';
import { imageSize } from 'image-size';
import { InvalidInputError, toError } from '../domain/errors.ts';
import { drawInThread } from './still-drawing.ts';

/** A decoded picture takes four bytes a pixel. */
const maxPixels = 20_000_000;

/** @throws InvalidInputError when the file is no picture that can be drawn */
export async function assertLogo(path: string): Promise<void> {
  const { width, height } = readSize(await readFile(path));
  if (width * height > maxPixels) {
    throw new InvalidInputError(`has ${width} × ${height} pixels: at most ${maxPixels} can be drawn.`);
  }
  await drawInThread({ kind: 'DECODE', path });
}

/** By its header, before anything is decoded. @throws InvalidInputError */
function readSize(bytes: Buffer): { width: number; height: number } {
  try {
    return imageSize(bytes);
  } catch (thrown) {
    throw new InvalidInputError(`is no whole picture: ${toError(thrown).message}.`);
  }
}
