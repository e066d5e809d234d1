import type { ProjectMember } from '../src/access/access.ts';
import { scopesOf } from '../src/domain/scope.ts';
import { builder } from './builder.ts';
import { ProjectRoleEnum, ScopeEnum } from './enums.ts';

export const ProjectMemberType = builder.objectRef<ProjectMember>('ProjectMember').implement({
  description: 'A user in a project.',
  fields: (t) => ({
    userId: t.exposeString('userId', { description: "What the user's tokens have as `sub`." }),
    name: t.exposeString('name', { nullable: true, description: 'What people call the user; null when nobody said.' }),
    role: t.expose('role', { type: ProjectRoleEnum, description: 'What the user is in the project.' }),
    scopes: t.field({
      type: [ScopeEnum],
      description: 'What the user may do there.',
      resolve: ({ role }) => [...scopesOf(role)],
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the user was added.' }),
  }),
});

export const ProjectMemberConnection = builder.connectionObject(
  { name: 'ProjectMemberConnection', type: ProjectMemberType, description: 'A page of members.' },
  { name: 'ProjectMemberEdge', description: 'A member in a page.' },
);
