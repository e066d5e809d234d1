import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import type { Scope } from '../../domain/scope.ts';

/** An API key of a project. The key itself is shown once and kept only as its SHA-256. */
export const ApiKeyEntity = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  properties: {
    id: p.uuid().primary(),
    projectId: p.uuid(),
    name: p.text(),
    /** First characters of the key, to tell keys apart in a list. */
    prefix: p.text(),
    hash: p.text().unique(),
    /** As given; what they include is not listed. */
    scopes: p.array<Scope>().$type<Scope[]>().default(['ADMIN']),
    createdAt: p.datetime().defaultRaw('now()'),
    /** The key works before this moment. */
    expiresAt: p.datetime().nullable(),
    /** To the minute. */
    lastUsedAt: p.datetime().nullable(),
    revokedAt: p.datetime().nullable(),
  },
  indexes: [{ properties: ['projectId', 'id'] }],
});
export type ApiKey = InferEntity<typeof ApiKeyEntity>;
