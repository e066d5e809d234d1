import { InvalidInputError } from '../domain/errors.ts';
import type { MediaTools } from '../providers/ffmpeg/media-tools.ts';
import { probeMedia } from '../providers/ffmpeg/probe-media.ts';
import { runFfmpeg } from '../providers/ffmpeg/run-ffmpeg.ts';

/** Finds what decodes sound on this machine; asked when the first template with music is saved. */
export type SoundCheck = () => Promise<MediaTools>;

const timeoutMs = 30_000;
/** As much as is decoded to see that it can be. */
const decodedSeconds = 60;
const minMs = 500;
const maxMs = 2 * 3_600_000;

/** @throws InvalidInputError, ProviderError when it cannot be decoded */
export async function assertMusic(findTools: SoundCheck, path: string): Promise<void> {
  const tools = await findTools();
  const signal = AbortSignal.timeout(timeoutMs);
  const { audioCodec, durationMs } = await probeMedia(tools, path, signal);
  if (audioCodec === null) throw new InvalidInputError('has no sound.');
  if (durationMs < minMs || durationMs > maxMs) {
    throw new InvalidInputError(`is ${durationMs / 1_000} s long: music is ${minMs / 1_000} to ${maxMs / 1_000} s.`);
  }
  const decode = ['-xerror', '-i', `file:${path}`, '-map', '0:a:0', '-t', String(decodedSeconds), '-f', 'null', '-'];
  await runFfmpeg(tools, decode, signal);
}
