import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import type { Caller } from '../../domain/caller.ts';

/** How videos of a project look and sound, under a name. What it holds is in its versions. */
export const TemplateEntity = defineEntity({
  name: 'Template',
  tableName: 'templates',
  properties: {
    id: p.uuid().primary(),
    projectId: p.uuid(),
    /** What people call it, unique in its project. */
    name: p.text(),
    /** The newest of its versions. */
    version: p.integer(),
    createdAt: p.datetime().defaultRaw('now()'),
    createdBy: p.json<Caller>(),
  },
  uniques: [{ properties: ['projectId', 'name'] }],
  indexes: [{ properties: ['projectId', 'id'] }],
});
export type Template = InferEntity<typeof TemplateEntity>;
