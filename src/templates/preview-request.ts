import { z } from 'zod';
import { oneOf } from '../job-types/fields.ts';
import { orientation, resolution } from '../job-types/video/format-fields.ts';
import { templateSettings, videoStyle } from './template-settings.ts';

const item = z
  .object({
    title: z.string().trim().min(1).max(200).describe('What the video is called.'),
    script: z.string().trim().min(1).max(20_000).describe('What is spoken; the first scene of it is drawn.'),
    platforms: z
      .string()
      .max(500)
      .default('')
      .describe('Where it will be shown: the first platform decides its shape.'),
    style: videoStyle.optional().describe("In place of the template's style."),
  })
  .describe('The row whose video is previewed.');

/** Which frame is drawn. */
export const previewRequest = z
  .object({
    templateId: z.string().max(200).optional().describe('Template of the project; else give `settings`.'),
    templateVersion: z.int().min(1).optional().describe('Version of the template; the newest when left out.'),
    settings: templateSettings.optional().describe('Settings that are not saved yet, in place of a template.'),
    item,
    resolution: resolution
      .default('P720')
      .describe('Pixels of the shorter side; 4K is drawn at half its size, where all looks the same.'),
    orientation: orientation.optional().describe('Shape; when left out as the platforms of the row have it.'),
    shows: oneOf({ TITLE: 'The title card.', SCENE: 'The first scene, while its first sentence is spoken.' })
      .default('SCENE')
      .describe('What of the video is drawn.'),
  })
  .describe('The frame to draw.');
