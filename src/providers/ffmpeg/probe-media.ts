import { z } from 'zod';
import { ProviderError } from '../../domain/errors.ts';
import { runProgram } from '../process/run-program.ts';
import type { MediaTools } from './media-tools.ts';

/** A file as ffprobe reads it; null is what the file has not. */
export interface MediaInfo {
  /** ffprobe's names of the format, with commas: "mov,mp4,m4a,3gp,3g2,mj2". */
  container: string;
  /** ffprobe's name: "h264", "hevc", "vp9". */
  videoCodec: string | null;
  audioCodec: string | null;
  width: number | null;
  height: number | null;
  durationMs: number;
  /** Bits per second of the whole file. */
  bitrate: number | null;
}

const number = z.coerce.number();
const answer = z.object({
  format: z.object({ format_name: z.string(), duration: number.optional(), bit_rate: number.optional() }),
  streams: z.array(
    z.object({
      codec_type: z.string().optional(),
      codec_name: z.string().optional(),
      width: z.number().optional(),
      height: z.number().optional(),
    }),
  ),
});

/** Reads what is in a media file. @throws ProviderError when it is none */
export async function probeMedia(tools: MediaTools, path: string, signal: AbortSignal): Promise<MediaInfo> {
  const args = ['-v', 'error', '-print_format', 'json', '-show_format', '-show_streams', '-i', `file:${path}`];
  const { stdout } = await runProgram({ name: 'ffprobe', command: tools.ffprobe, args, signal });
  const parsed = answer.safeParse(JSON.parse(stdout || '{}'));
  if (!parsed.success) {
    throw new ProviderError(`ffprobe found no media in the file: ${parsed.error.message}`, { provider: 'ffprobe' });
  }
  const { format, streams } = parsed.data;
  const video = streams.find((stream) => stream.codec_type === 'video');
  const audio = streams.find((stream) => stream.codec_type === 'audio');
  return {
    container: format.format_name,
    videoCodec: video?.codec_name ?? null,
    audioCodec: audio?.codec_name ?? null,
    width: video?.width ?? null,
    height: video?.height ?? null,
    durationMs: Math.round((format.duration ?? 0) * 1_000),
    bitrate: format.bit_rate ?? null,
  };
}
