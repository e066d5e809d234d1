import { defineEntity, p } from '@mikro-orm/core';
import type { QuotaName } from '../../domain/quota.ts';

/** What a user, or all of a project, has left of a limited thing. */
export const QuotaEntity = defineEntity({
  name: 'Quota',
  tableName: 'quotas',
  properties: {
    projectId: p.uuid().primary(),
    /** Kind and id of the caller; empty where the whole project shares the quota. */
    holder: p.text().primary(),
    name: p.text().$type<QuotaName>().primary(),
    tokens: p.float().columnType('double precision'),
    /** When so many were left. */
    at: p.datetime(),
  },
});
