import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import type { Caller } from '../../domain/caller.ts';
import type { TemplateSettings } from '../../templates/template-settings.ts';

/** What a template held from one change to the next. It never changes, and goes with its template. */
export const TemplateVersionEntity = defineEntity({
  name: 'TemplateVersion',
  tableName: 'template_versions',
  properties: {
    templateId: p.uuid().primary(),
    /** From 1. */
    version: p.integer().primary(),
    settings: p.json<TemplateSettings>(),
    /** The template files that the settings name. */
    fileIds: p.array<string>(),
    createdAt: p.datetime().defaultRaw('now()'),
    createdBy: p.json<Caller>(),
  },
  indexes: [
    {
      name: 'template_versions_files_index',
      expression: `create index "template_versions_files_index" on "template_versions" using gin ("file_ids")`,
    },
  ],
});
export type TemplateVersion = InferEntity<typeof TemplateVersionEntity>;
