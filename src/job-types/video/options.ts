import { z } from 'zod';
import { templateOptions } from '../../templates/template-options.ts';
import { oneOf } from '../fields.ts';
import { videoStyle, voiceKind } from '../../templates/template-settings.ts';
import { audioCodec, container, orientation, resolution, videoCodec } from './format-fields.ts';
import { explainUnplayable } from './render/output-format.ts';

/** Options of the job type `video`. */
export const options = z
  .object({
    format: container.default('MP4').describe('Container of the videos.'),
    videoCodec: videoCodec
      .optional()
      .describe('How pictures are encoded; when left out VP9 in WEBM, H264 in the others.'),
    audioCodec: audioCodec.optional().describe('How sound is encoded; when left out OPUS in WEBM, AAC in the others.'),
    resolution: resolution.default('P1080').describe('Pixels of the shorter side: 720, 1080 or 2160 (4K).'),
    orientation: orientation
      .optional()
      .describe('Shape of the videos; when left out each is shaped for the first platform of its row.'),
    thumbnail: oneOf({ PNG: 'Sharp, without loss.', JPEG: 'Smaller files.' })
      .default('JPEG')
      .describe('Format of the thumbnails.'),
    destinationId: z
      .string()
      .max(200)
      .optional()
      .describe('Destination that the files are delivered to, by its `id`; without one Longhaul keeps them.'),
    ...templateOptions,
    style: videoStyle.optional().describe("In place of the template's style; a row's own goes before it."),
    voice: voiceKind.optional().describe("In place of the template's voice; a row's own goes before it."),
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
