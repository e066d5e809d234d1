import type { ApiKey } from '../src/access/access.ts';
import { builder } from './builder.ts';
import { ScopeEnum } from './enums.ts';
import { toGlobalId } from './global-id.ts';

export const ApiKeyType = builder.objectRef<ApiKey>('ApiKey').implement({
  description: 'An API key of a project; the key itself is shown only once, when it is made.',
  fields: (t) => ({
    id: t.id({
      description: 'Identifies the key among everything in Longhaul.',
      resolve: ({ id }) => toGlobalId('ApiKey', id),
    }),
    name: t.exposeString('name', { description: 'Name of the key.' }),
    prefix: t.exposeString('prefix', { description: 'First characters of the key, behind `lh_`, to tell keys apart.' }),
    scopes: t.expose('scopes', { type: [ScopeEnum], description: 'What it is for, as it was asked for.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it stops working by itself; null when never.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was used last, to the minute; null when never.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was revoked; null when it was not.',
    }),
  }),
});

export const ApiKeyConnection = builder.connectionObject(
  { name: 'ApiKeyConnection', type: ApiKeyType, description: 'A page of API keys.' },
  { name: 'ApiKeyEdge', description: 'An API key in a page.' },
);
