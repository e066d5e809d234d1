import { runFfmpeg } from '../../../providers/ffmpeg/run-ffmpeg.ts';
import type { MediaTools } from '../../../providers/ffmpeg/media-tools.ts';
import { toTempoFilters } from '../../../providers/speech/shape-speech.ts';
import type { Look } from '../draw/look.ts';

export interface MixInput {
  tools: MediaTools;
  narrationPath: string;
  /** Factor by which the narration is made faster. */
  tempo: number;
  music: Look['music'];
  durationMs: number;
  outPath: string;
  signal: AbortSignal;
}

/** What platforms bring everything to; louder is turned down there, softer stays soft. */
const targetLufs = -16;
const mostGainDb = 20;

/**
 * Puts narration and music together, the music repeated to the end and quieter while somebody speaks.
 * Answers by how many decibels the mix has to be louder. @throws ProviderError
 */
export async function mixSound(input: MixInput): Promise<{ gainDb: number }> {
  const { tools, narrationPath, tempo, music, durationMs, outPath, signal } = input;
  const seconds = (durationMs / 1_000).toFixed(3);
  const stereo = 'aformat=sample_fmts=fltp:sample_rates=48000:channel_layouts=stereo';
  const voice = `[0:a]${[...toTempoFilters(tempo), stereo, 'apad'].join(',')},atrim=0:${seconds}`;
  const graph =
    music === null ? `${voice}[mix]` : [`${voice}[voice]`, ...addMusic(music, stereo, durationMs)].join(';');
  const said = await runFfmpeg(
    tools,
    [
      '-loglevel',
      'info',
      '-nostats',
      '-i',
      narrationPath,
      ...(music === null ? [] : ['-stream_loop', '-1', '-i', music.path]),
      '-filter_complex',
      `${graph};[mix]ebur128=framelog=verbose[out]`,
      '-map',
      '[out]',
      '-t',
      seconds,
      '-c:a',
      'pcm_s16le',
      '-f',
      'wav',
      outPath,
    ],
    signal,
  );
  return { gainDb: toGain(said) };
}

function addMusic({ volume, isDucked }: NonNullable<Look['music']>, stereo: string, durationMs: number): string[] {
  const seconds = durationMs / 1_000;
  const fade = Math.min(2, seconds / 4);
  const music = [
    `[1:a:0]${stereo}`,
    `atrim=0:${seconds.toFixed(3)}`,
    `volume=${volume}`,
    `afade=t=in:d=${(fade / 2).toFixed(3)}`,
    `afade=t=out:st=${(seconds - fade).toFixed(3)}:d=${fade.toFixed(3)}`,
  ].join(',');
  const join = 'amix=inputs=2:normalize=0:duration=first[mix]';
  if (!isDucked) return [`${music}[music]`, `[voice][music]${join}`];
  return [
    `${music}[music]`,
    '[voice]asplit=2[heard][key]',
    '[music][key]sidechaincompress=threshold=0.015:ratio=12:attack=30:release=450[ducked]',
    `[heard][ducked]${join}`,
  ];
}

/** Silence has no loudness, and what is almost silent is not made noise. */
function toGain(said: string): number {
  // ffmpeg may set its filters up twice; what it measured first is then nothing.
  const summaries = [...said.matchAll(/Integrated loudness:\s+I:\s+(-?[\d.]+) LUFS/g)];
  const measured = Number(summaries.at(-1)?.[1] ?? Number.NaN);
  if (!(measured > -60)) return 0;
  return Math.min(mostGainDb, Math.max(-mostGainDb, targetLufs - measured));
}
