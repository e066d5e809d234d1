import type { MediaTools } from '../ffmpeg/media-tools.ts';
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import type { SpokenSound } from './speech.ts';
import { findWavData, speechBytesPerMs, speechSampleRate } from './wav.ts';

export interface SoundShape {
  /** Factor of the pace that the sound has. */
  speed: number;
  /** Semitones that are added. */
  pitch: number;
}

/** Brings whatever an engine wrote to the format of speech, in the pace and pitch that are asked for. @throws ProviderError */
export async function shapeSpeech(
  tools: MediaTools,
  rawPath: string,
  outPath: string,
  { speed, pitch }: SoundShape,
  signal: AbortSignal,
): Promise<SpokenSound> {
  const factor = 2 ** (pitch / 12);
  const filters = [
    `aresample=${speechSampleRate}`,
    // Played faster it is higher too; the tempo is then put right without a change of pitch.
    ...(pitch === 0 ? [] : [`asetrate=${Math.round(speechSampleRate * factor)}`, `aresample=${speechSampleRate}`]),
    ...toTempoFilters(speed / factor),
    'aformat=sample_fmts=s16:channel_layouts=mono',
  ];
  const encode = ['-af', filters.join(','), '-c:a', 'pcm_s16le', '-f', 'wav', outPath];
  await runFfmpeg(tools, ['-i', rawPath, '-map_metadata', '-1', ...encode], signal);
  const { bytes } = await findWavData(outPath);
  return { durationMs: bytes / speechBytesPerMs };
}

/** `atempo` takes half to double the pace; more is done in steps. */
export function toTempoFilters(tempo: number): string[] {
  if (Math.abs(tempo - 1) < 0.001) return [];
  if (tempo > 2) return ['atempo=2', ...toTempoFilters(tempo / 2)];
  if (tempo < 0.5) return ['atempo=0.5', ...toTempoFilters(tempo * 2)];
  return [`atempo=${tempo.toFixed(4)}`];
}
