import { open, writeFile } from 'node:fs/promises';
import { ProviderError } from '../../domain/errors.ts';

/** The sound of all speech here: 16-bit samples of one channel. */
export const speechSampleRate = 48_000;
export const speechBytesPerMs = (speechSampleRate * 2) / 1_000;

/** The header before `dataBytes` of speech. */
export function speechWavHeader(dataBytes: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + dataBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(speechSampleRate, 24);
  header.writeUInt32LE(speechSampleRate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes, 40);
  return header;
}

export interface WavData {
  /** Of its first sample in the file. */
  offset: number;
  bytes: number;
}

/** Where the samples of a WAV of speech lie. @throws ProviderError when it is none */
export async function findWavData(path: string): Promise<WavData> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const chunk = Buffer.alloc(8);
    // Behind "RIFF", a length and "WAVE" come chunks, each with a name and a length.
    for (let offset = 12; offset + 8 <= size;) {
      await file.read(chunk, 0, 8, offset);
      const bytes = chunk.readUInt32LE(4);
      // A writer that could not go back leaves a length that is too large.
      if (chunk.toString('latin1', 0, 4) === 'data') {
        return { offset: offset + 8, bytes: Math.min(bytes, size - offset - 8) & ~1 };
      }
      offset += 8 + bytes + (bytes % 2);
    }
  } finally {
    await file.close();
  }
  throw new ProviderError(`Expected a WAV with samples, and ${path} has none.`, { provider: 'speech' });
}

export async function writeSilence(path: string, durationMs: number): Promise<void> {
  const samples = Buffer.alloc(Math.round(durationMs) * speechBytesPerMs);
  await writeFile(path, Buffer.concat([speechWavHeader(samples.length), samples]));
}
