import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

/** A Google account that somebody of a project let Longhaul in as. */
export const GoogleAccountEntity = defineEntity({
  name: 'GoogleAccount',
  tableName: 'google_accounts',
  properties: {
    id: p.uuid().primary(),
    projectId: p.uuid(),
    /** What people call it. */
    name: p.text(),
    /** As Google told it; null when it did not. */
    email: p.text().nullable(),
    /** The refresh token, encrypted: it never leaves the server. */
    sealedToken: p.text(),
    createdAt: p.datetime().defaultRaw('now()'),
    /** When it was let in last. */
    connectedAt: p.datetime().defaultRaw('now()'),
  },
  indexes: [{ properties: ['projectId', 'id'] }],
});
export type GoogleAccount = InferEntity<typeof GoogleAccountEntity>;
