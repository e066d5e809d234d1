import type { Viewer } from '../src/jobs/commands.ts';
import { ApiKeyType } from './api-key.ts';
import { builder } from './builder.ts';
import { CallerType } from './caller.ts';
import { ScopeEnum } from './enums.ts';
import { ProjectType } from './project.ts';
import { RateLimitType } from './rate-limit.ts';

const ViewerType = builder.objectRef<Viewer>('Viewer').implement({
  description: 'Who asks.',
  fields: (t) => ({
    project: t.field({
      type: ProjectType,
      description: 'The project that the request is about.',
      resolve: (viewer) => viewer,
    }),
    caller: t.expose('caller', { type: CallerType, description: 'Whoever sent the request.' }),
    scopes: t.field({
      type: [ScopeEnum],
      description: 'What the credentials allow, what is included too; empty for a follow token, which reads one job.',
      resolve: ({ scopes }) => [...scopes],
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the credentials are refused, and sockets and streams end by themselves; null when never.',
    }),
    rateLimits: t.field({
      type: [RateLimitType],
      description: 'What you may ask for in a time; empty when nothing is limited.',
      resolve: (viewer, _, { services }) => services.quotas.list(viewer),
    }),
    apiKey: t.field({
      type: ApiKeyType,
      nullable: true,
      description: 'The key that the request came with; null when it came with a token.',
      resolve: (viewer, _, { services }) => services.access.findOwnApiKey(viewer),
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerType,
    access: 'FOLLOW',
    description: 'Who the credentials say that you are.',
    resolve: (_, __, { viewer }) => viewer,
  }),
);
