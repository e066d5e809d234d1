import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { MediaTools } from '../../src/providers/ffmpeg/media-tools.ts';

/** The cues of a WebVTT file: what is said when. */
export function parseVtt(text: string): { startMs: number; endMs: number; text: string }[] {
  const toMs = (time: string) => {
    const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
    return (hours * 3_600 + minutes * 60 + seconds) * 1_000;
  };
  return text
    .split('\n\n')
    .slice(1)
    .map((cue) => {
      const [times = '', ...lines] = cue.trim().split('\n');
      const [start = '', end = ''] = times.split(' --> ');
      return { startMs: toMs(start), endMs: toMs(end), text: lines.join(' ') };
    });
}

/** Loudness of each part of a sound: decibels of its mean square. */
export async function measureLevels(tools: MediaTools, path: string, stepMs: number, filter = 'anull') {
  const { stdout } = await promisify(execFile)(
    tools.ffmpeg,
    ['-v', 'error', '-i', path, '-af', filter, '-ac', '1', '-ar', '16000', '-f', 's16le', '-'],
    { encoding: 'buffer', maxBuffer: 2 ** 26 },
  );
  const samples = new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length >> 1);
  const step = 16 * stepMs;
  return Array.from({ length: Math.floor(samples.length / step) }, (_, index) => {
    const part = samples.subarray(index * step, (index + 1) * step);
    const square = part.reduce((sum, sample) => sum + sample ** 2, 0) / step;
    return { atMs: index * stepMs, db: 10 * Math.log10(square / 2 ** 30 + 1e-10) };
  });
}
