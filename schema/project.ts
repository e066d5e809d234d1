import { z } from 'zod';
import type { Viewer } from '../src/jobs/commands.ts';
import { ApiKeyConnection } from './api-key.ts';
import { builder } from './builder.ts';
import { fromCursor, fromIdCursor, toCursor, toIdCursor } from './cursor.ts';
import { pageArgs, toConnection, toPageRequest } from './paging.ts';
import { ProjectMemberConnection } from './project-member.ts';
import { RetentionType } from './retention.ts';

/** Of projects only one is ever seen: that of the viewer. */
export const ProjectType = builder.objectRef<Viewer>('Project').implement({
  description: 'A tenant: everything belongs to one project, and no project sees another.',
  fields: (t) => ({
    id: t.exposeID('projectId', { description: 'Id of the project, for the header `Longhaul-Project`.' }),
    name: t.exposeString('projectName', { description: 'Name of the project.' }),
    retention: t.field({
      type: RetentionType,
      description: 'How long its jobs, items, exports and uploads are kept.',
      resolve: (viewer, _, { services }) => services.retention.findRetention(viewer),
    }),
    apiKeys: t.field({
      type: ApiKeyConnection,
      access: 'ADMIN',
      description: 'Its API keys, newest first, revoked and expired ones too.',
      args: pageArgs,
      resolve: async (viewer, page, { services }) =>
        toConnection(await services.access.listApiKeys(viewer, toPageRequest(page, fromIdCursor)), toIdCursor),
    }),
    members: t.field({
      type: ProjectMemberConnection,
      access: 'ADMIN',
      description: 'Its users, by their ids.',
      args: pageArgs,
      resolve: async (viewer, page, { services }) =>
        toConnection(
          await services.access.listProjectMembers(
            viewer,
            toPageRequest(page, (cursor) => fromCursor(cursor, z.tuple([z.string().regex(/^[^\0]*$/)]))[0]),
          ),
          ({ userId }) => toCursor([userId]),
        ),
    }),
  }),
});
