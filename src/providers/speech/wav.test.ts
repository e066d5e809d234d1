import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorkFolder } from '../../../test/support/work-folder.ts';
import { findWavData, speechWavHeader, writeSilence } from './wav.ts';

test('silence is a WAV of 48 kHz, one channel, 16 bits, of the length that was asked for', async () => {
  const path = join(await makeWorkFolder(), 'silence.wav');
  await writeSilence(path, 250);
  expect(await findWavData(path)).toEqual({ offset: 44, bytes: 24_000 });
  const wav = await readFile(path);
  expect(wav.toString('latin1', 0, 4) + wav.toString('latin1', 8, 16)).toBe('RIFFWAVEfmt ');
  expect([wav.readUInt16LE(22), wav.readUInt32LE(24), wav.readUInt16LE(34)]).toEqual([1, 48_000, 16]);
  expect(wav.subarray(44).every((byte) => byte === 0)).toBe(true);
});

test('samples are found behind other chunks, and no further than the file goes', async () => {
  const path = join(await makeWorkFolder(), 'odd.wav');
  const list = Buffer.concat([Buffer.from('LIST'), Buffer.from([3, 0, 0, 0]), Buffer.from('abc\0')]);
  const header = speechWavHeader(0xffff_ff00);
  await writeFile(path, Buffer.concat([header.subarray(0, 36), list, header.subarray(36), Buffer.alloc(101)]));
  expect(await findWavData(path)).toEqual({ offset: 56, bytes: 100 });
});

test('a file without samples is refused', async () => {
  const path = join(await makeWorkFolder(), 'text.wav');
  await writeFile(path, 'RIFF....WAVEnothing of interest');
  await expect(findWavData(path)).rejects.toThrow(`Expected a WAV with samples, and ${path} has none.`);
});
