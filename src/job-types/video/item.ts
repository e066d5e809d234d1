import { z } from 'zod';
import { videoStyle, voiceKind } from '../../templates/template-settings.ts';
import { oneOf } from '../fields.ts';

const urgency = oneOf({ LOW: 'It can wait.', NORMAL: 'As usual.', HIGH: 'It is urgent.' });

/** A row of a job of the type `video`: an idea for one video. */
export const item = z.object({
  title: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .meta({
      description: 'What the video is called; on its title card.',
      aliases: ['idea_title', 'Idea/Title', 'Idea'],
    }),
  description: z.string().max(5_000).optional().describe('What it is about; kept with the row.'),
  audience: z
    .string()
    .max(500)
    .optional()
    .meta({ description: 'Whom it is for; kept with the row.', aliases: ['target_audience', 'Target Audience'] }),
  tone: z.string().max(100).optional().describe('How it is told; kept with the row.'),
  durationSeconds: z
    .number()
    .int()
    .min(5)
    .max(3_600)
    .default(300)
    .meta({
      description: 'Longest that it may be, in seconds; the script decides, a long one is spoken faster.',
      aliases: ['duration_seconds', 'Duration (seconds)', 'Duration'],
    }),
  platforms: z
    .string()
    .max(500)
    .default('')
    .meta({
      description: 'Where it will be shown, with commas: "tiktok,youtube". The first one decides its shape.',
      aliases: ['platform_preferences', 'Platform Preference', 'Platform Preferences', 'Platform'],
    }),
  script: z
    .string()
    .trim()
    .min(1)
    .max(20_000)
    .meta({
      description: 'What is spoken. A paragraph is a scene; a line like "# Heading" names the scene below it.',
      aliases: ['script_content', 'Script Content'],
    }),
  voice: voiceKind.optional().meta({ description: 'Who speaks.', aliases: ['voice_preference', 'Voice Preference'] }),
  style: videoStyle.optional().meta({
    description: 'Layout and movement of titles and captions.',
    aliases: ['style_override', 'Style Override'],
  }),
  priority: urgency.optional().describe('How urgent its owner finds it; kept with the row.'),
});

export type Item = z.output<typeof item>;
