import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { MediaTools } from '../../src/providers/ffmpeg/media-tools.ts';

const fields = [
  'codec_name',
  'codec_tag_string',
  'width',
  'height',
  'sample_aspect_ratio',
  'pix_fmt',
  'color_range',
  'color_space',
  'color_transfer',
  'color_primaries',
  'r_frame_rate',
  'nb_read_frames',
];

/** What our videos have in common, as ffprobe says it: square pixels in the colors of BT.709, 30 times a second. */
export const usualPicture = {
  sample_aspect_ratio: '1:1',
  pix_fmt: 'yuv420p',
  color_range: 'tv',
  color_space: 'bt709',
  color_transfer: 'bt709',
  color_primaries: 'bt709',
  r_frame_rate: '30/1',
};

/** The pictures of a video as ffprobe reads them; it decodes them all to count them. */
export async function readVideoStream(tools: MediaTools, path: string): Promise<Record<string, string | number>> {
  const { stdout } = await promisify(execFile)(tools.ffprobe, [
    '-v',
    'error',
    '-count_frames',
    '-select_streams',
    'v',
    '-show_entries',
    `stream=${fields.join(',')}`,
    '-of',
    'json',
    path,
  ]);
  const { streams } = JSON.parse(stdout) as { streams: Record<string, string | number>[] };
  const [stream] = streams;
  if (stream === undefined) throw new Error(`${path} has no pictures.`);
  return stream;
}
