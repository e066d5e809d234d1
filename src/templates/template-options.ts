import { z } from 'zod';
import { templateSettings, type TemplateSettings } from './template-settings.ts';

/** Options of a job type whose jobs use templates. A job keeps `template` whole from its submit on. */
export const templateOptions = {
  templateId: z.string().max(200).optional().describe('Template of the project that the videos are made by.'),
  templateVersion: z
    .int()
    .min(1)
    .optional()
    .describe('Version of the template; the newest when left out. A job keeps the one that it began with.'),
  template: templateSettings.optional().describe('How they look and sound, when no template of the project is named.'),
};

/** The settings that options carry; the usual ones where they carry none. */
export function templateOf({ template }: { template?: TemplateSettings | undefined }): TemplateSettings {
  return template ?? templateSettings.parse({});
}
