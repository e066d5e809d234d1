import { z } from 'zod';
import { bigCount } from '../fields.ts';
import { audioCodec, container, videoCodec } from './format-fields.ts';

/** What is told of a video; its files are those of its item. */
export const output = z.object({
  durationSeconds: z.number().describe('Length of the video, in seconds.'),
  byteSize: bigCount('Size of the video file, in bytes.'),
  format: container.describe('Container of the video.'),
  videoCodec: videoCodec.describe('How its pictures are encoded.'),
  audioCodec: audioCodec.describe('How its sound is encoded.'),
  width: z.number().int().describe('Width in pixels.'),
  height: z.number().int().describe('Height in pixels.'),
  scenes: z.number().int().describe('Scenes that the script has.'),
  warnings: z.array(z.string()).describe('What did not come out quite as it was asked for.'),
});

export type Output = z.input<typeof output>;
