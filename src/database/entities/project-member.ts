import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import type { ProjectRole } from '../../domain/scope.ts';

/** A user in a project. Users are known by what their tokens call them (the claim `sub`); there is no other list of them. */
export const ProjectMemberEntity = defineEntity({
  name: 'ProjectMember',
  tableName: 'project_members',
  properties: {
    projectId: p.uuid().primary(),
    userId: p.text().primary(),
    /** What people call the user, for lists. */
    name: p.text().nullable(),
    role: p.text().$type<ProjectRole>(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
  indexes: [{ properties: ['userId'] }],
});
export type ProjectMember = InferEntity<typeof ProjectMemberEntity>;
