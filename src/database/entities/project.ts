import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

/** A tenant: everything belongs to one project, and no project sees another's. */
export const ProjectEntity = defineEntity({
  name: 'Project',
  tableName: 'projects',
  properties: {
    id: p.uuid().primary(),
    name: p.text().unique(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});
export type Project = InferEntity<typeof ProjectEntity>;
