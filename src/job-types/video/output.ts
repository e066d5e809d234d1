import { z } from 'zod';
import { bigCount } from '../fields.ts';
import { audioCodecs, containers, videoCodecs } from './render/output-format.ts';

/** What is told of a video; its files are those of its item. */
export const output = z.object({
  durationSeconds: z.number().describe('Length of the video, in seconds.'),
  byteSize: bigCount('Size of the video file, in bytes.'),
  format: z.enum(containers).describe('Container of the video.'),
  videoCodec: z.enum(videoCodecs).describe('How its pictures are encoded.'),
  audioCodec: z.enum(audioCodecs).describe('How its sound is encoded.'),
  width: z.number().int().describe('Width in pixels.'),
  height: z.number().int().describe('Height in pixels.'),
  scenes: z.number().int().describe('Scenes that the script has.'),
  warnings: z.array(z.string()).describe('What did not come out quite as it was asked for.'),
});

export type Output = z.input<typeof output>;
