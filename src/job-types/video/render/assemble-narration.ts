import { open, type FileHandle } from 'node:fs/promises';
import { findWavData, speechBytesPerMs, speechWavHeader } from '../../../providers/speech/wav.ts';
import type { SpokenSentence, Timeline } from '../script/plan-timeline.ts';

/**
 * Lays the sentences of `speechPath` out with their pauses, to the sample. They are not faster yet: the file is `tempo` times
 * as long as the video, for its pace is put right when it is mixed.
 */
export async function assembleNarration(
  speechPath: string,
  spoken: readonly (readonly SpokenSentence[])[],
  { scenes, durationMs, tempo }: Timeline,
  outPath: string,
  signal: AbortSignal,
): Promise<void> {
  const { offset } = await findWavData(speechPath);
  const source = await open(speechPath);
  const out = await open(outPath, 'w');
  try {
    const total = toBytes(durationMs * tempo);
    await out.write(speechWavHeader(total));
    const starts = scenes.flatMap((scene) => scene.sentences.map((sentence) => sentence.startMs));
    let read = offset;
    let written = 0;
    for (const [index, { durationMs: sentenceMs }] of spoken.flat().entries()) {
      signal.throwIfAborted();
      const start = toBytes((starts[index] ?? 0) * tempo);
      await writeSilence(out, start - written);
      const bytes = toBytes(sentenceMs);
      await copy(source, read, bytes, out);
      read += bytes;
      written = Math.max(start, written) + bytes;
    }
    await writeSilence(out, total - written);
  } finally {
    await source.close();
    await out.close();
  }
}

const toBytes = (ms: number) => Math.round((ms * speechBytesPerMs) / 2) * 2;
const bufferBytes = 1 << 20;

async function writeSilence(out: FileHandle, bytes: number): Promise<void> {
  const silence = Buffer.alloc(Math.max(0, Math.min(bytes, bufferBytes)));
  for (let left = bytes; left > 0; left -= bufferBytes) await out.write(silence, 0, Math.min(left, bufferBytes));
}

async function copy(source: FileHandle, position: number, bytes: number, out: FileHandle): Promise<void> {
  const buffer = Buffer.alloc(Math.min(bytes, bufferBytes));
  for (let done = 0; done < bytes;) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(bytes - done, bufferBytes), position + done);
    if (bytesRead === 0) throw new Error('The file of speech is shorter than its sentences.');
    await out.write(buffer, 0, bytesRead);
    done += bytesRead;
  }
}
