import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

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
    createdAt: p.datetime().defaultRaw('now()'),
    revokedAt: p.datetime().nullable(),
  },
  indexes: [{ properties: ['projectId'] }],
});
export type ApiKey = InferEntity<typeof ApiKeyEntity>;
