import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

/** A tenant: everything belongs to one project, and no project sees another's. */
export const ProjectEntity = defineEntity({
  name: 'Project',
  tableName: 'projects',
  properties: {
    id: p.uuid().primary(),
    name: p.text().unique(),
    /** Milliseconds that jobs, their items, exports and uploads are kept; null: as long as the installation keeps them. */
    jobTtlMs: p.bigint('number').nullable(),
    itemTtlMs: p.bigint('number').nullable(),
    exportTtlMs: p.bigint('number').nullable(),
    uploadTtlMs: p.bigint('number').nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
});
export type Project = InferEntity<typeof ProjectEntity>;
