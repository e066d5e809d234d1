import { z } from 'zod';
import { templateSettings, videoStyles, voices } from '../../templates/template-settings.ts';
import {
  audioCodecs,
  containers,
  explainUnplayable,
  orientations,
  resolutions,
  videoCodecs,
} from './render/output-format.ts';

/** Options of the job type `video`. */
export const options = z
  .object({
    format: z.enum(containers).default('MP4').describe('Container of the videos.'),
    videoCodec: z
      .enum(videoCodecs)
      .optional()
      .describe('How pictures are encoded; when left out VP9 in WEBM, H264 in the others.'),
    audioCodec: z
      .enum(audioCodecs)
      .optional()
      .describe('How sound is encoded; when left out OPUS in WEBM, AAC in the others.'),
    resolution: z.enum(resolutions).default('P1080').describe('Pixels of the shorter side: 720, 1080 or 2160 (4K).'),
    orientation: z
      .enum(orientations)
      .optional()
      .describe('Shape of the videos; when left out each is shaped for the first platform of its row.'),
    thumbnail: z.enum(['PNG', 'JPEG']).default('JPEG').describe('Format of the thumbnails.'),
    destinationId: z
      .string()
      .max(200)
      .optional()
      .describe('Destination that the files are delivered to, by its `id`; without one Longhaul keeps them.'),
    template: templateSettings.prefault({}).describe('How the videos look and sound.'),
    style: z.enum(videoStyles).optional().describe("In place of the template's style; a row's own goes before it."),
    voice: z.enum(voices).optional().describe("In place of the template's voice; a row's own goes before it."),
    language: z
      .string()
      .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/i, 'must be a language tag like en or pt-BR')
      .optional()
      .describe('Language that is spoken, as a BCP 47 tag; found by the script of each sentence when left out.'),
  })
  .superRefine((given, context) => {
    const problem = explainUnplayable(toFormat(given));
    if (problem) context.addIssue({ code: 'custom', path: ['format'], message: problem });
  });

export type Options = z.output<typeof options>;

/** The format that options mean, with what they leave open. */
export function toFormat({ format, videoCodec, audioCodec }: Pick<Options, 'format' | 'videoCodec' | 'audioCodec'>) {
  const isWeb = format === 'WEBM';
  return {
    container: format,
    videoCodec: videoCodec ?? (isWeb ? 'VP9' : 'H264'),
    audioCodec: audioCodec ?? (isWeb ? 'OPUS' : 'AAC'),
  } as const;
}
