import type { TemplateSettings } from '../../../templates/template-settings.ts';

/** A template whose files lie on this machine. */
export interface Look extends Omit<TemplateSettings, 'logo' | 'music'> {
  logo: { path: string; position: NonNullable<TemplateSettings['logo']>['position'] } | null;
  music: { path: string; volume: number; isDucked: boolean } | null;
}
