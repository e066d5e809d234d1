import { z } from 'zod';
import { oneOf } from '../job-types/fields.ts';

const color = (description: string, value: string) =>
  z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, 'must be a color like #1A2B3C')
    .default(value)
    .describe(description);

/** @see docs/videos.md for what they look like */
export const videoStyle = oneOf({
  MODERN: 'Large bold type, and the spoken word in a box.',
  CLASSIC: 'In the middle of a double frame, with the spoken word underlined.',
  MINIMAL: 'Light type at the foot of the page, where words come up as they are spoken.',
  CORPORATE: 'Headings as on a slide, captions in a band, and a bar with a part for each scene.',
});
export const voiceKind = oneOf({
  FEMALE: 'A voice that sounds like that of a woman.',
  MALE: 'A voice that sounds like that of a man.',
  NEUTRAL: 'A voice between the two.',
});
const logoPosition = oneOf({
  TOP_LEFT: 'At the top left.',
  TOP_RIGHT: 'At the top right.',
  BOTTOM_LEFT: 'At the bottom left.',
  BOTTOM_RIGHT: 'At the bottom right.',
});
export const videoStyles = videoStyle.options;
export const logoPositions = logoPosition.options;

/** How videos of a template look and sound. */
export const templateSettings = z
  .object({
    style: videoStyle.default('MODERN').describe('Layout and movement of titles and captions.'),
    colors: z
      .object({
        background: color('Behind everything.', '#0B1F3A'),
        primary: color('Titles.', '#FFFFFF'),
        accent: color('Lines, bars and the spoken word.', '#FF6B35'),
        text: color('Captions.', '#F4F4F4'),
      })
      .prefault({})
      .describe('Colors, as #RRGGBB.'),
    fontFamily: z.string().min(1).max(100).default('Inter').describe('Font of titles and captions.'),
    logo: z
      .object({
        uploadId: z.string().describe('Upload with a PNG, JPEG or WebP picture.'),
        position: logoPosition.default('TOP_RIGHT').describe('Corner that the logo stands in.'),
      })
      .nullable()
      .default(null)
      .describe('Logo that is always seen; null for none.'),
    music: z
      .object({
        uploadId: z.string().describe('Upload with an audio file; it is repeated to the end of the video.'),
        volume: z.number().min(0).max(1).default(0.2).describe('Loudness where nobody speaks, from 0 to 1.'),
        isDucked: z.boolean().default(true).describe('Whether it gets quieter while somebody speaks.'),
      })
      .nullable()
      .default(null)
      .describe('Background music; null for none.'),
    voice: z
      .object({
        kind: voiceKind.default('NEUTRAL').describe('Who speaks.'),
        speed: z.number().min(0.5).max(2).default(1).describe('Pace of speech, as a factor of the usual.'),
        pitch: z.number().min(-12).max(12).default(0).describe('Pitch of speech, in semitones from the usual.'),
      })
      .prefault({})
      .describe('How the script is spoken.'),
    safeAreaPercent: z
      .number()
      .min(0)
      .max(20)
      .default(5)
      .describe('Margin at each edge that text and logo stay out of, in percent of the shorter side.'),
  })
  .meta({ description: 'How videos look and sound.', graphqlName: 'TemplateSettings' });

export type TemplateSettings = z.output<typeof templateSettings>;
