import { readFile } from 'node:fs/promises';
import { imageSize } from 'image-size';
import { InvalidInputError, toError } from '../domain/errors.ts';
import { drawInThread } from './still-drawing.ts';

/** A decoded picture takes four bytes a pixel. */
const maxPixels = 20_000_000;

/** @throws InvalidInputError when the file is no picture that can be drawn */
export async function assertLogo(path: string): Promise<void> {
  const bytes = await readFile(path);
  const { width, height } = readSize(bytes);
  if (!isWhole(bytes)) throw new InvalidInputError('is no whole picture: its end is missing.');
  if (width * height > maxPixels) {
    throw new InvalidInputError(`has ${width} × ${height} pixels: at most ${maxPixels} can be drawn.`);
  }
  await drawInThread({ kind: 'DECODE', path });
}

/** Decoders draw what is there of a picture, and say nothing of the rest. */
function isWhole(bytes: Buffer): boolean {
  const head = bytes.subarray(0, 4).toString('latin1');
  if (head === 'RIFF') return bytes.readUInt32LE(4) + 8 <= bytes.length;
  return head.endsWith('PNG') ? bytes.includes('IEND', 8, 'latin1') : bytes.includes(Buffer.from([0xff, 0xd9]), 2);
}

/** By its header, before anything is decoded. @throws InvalidInputError */
function readSize(bytes: Buffer): { width: number; height: number } {
  try {
    return imageSize(bytes);
  } catch (thrown) {
    throw new InvalidInputError(`is no whole picture: ${toError(thrown).message}.`);
  }
}
