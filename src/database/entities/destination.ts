import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import type { DestinationKind } from '../../domain/destination.ts';

/** A bucket or folder of a project, to which jobs deliver files. */
export const DestinationEntity = defineEntity({
  name: 'Destination',
  tableName: 'destinations',
  properties: {
    id: p.uuid().primary(),
    projectId: p.uuid(),
    /** What people call it, unique in its project. */
    name: p.text(),
    kind: p.text().$type<DestinationKind>(),
    /** Of a folder its name. */
    bucket: p.text(),
    /** "" or like "videos/". */
    prefix: p.text(),
    region: p.text().nullable(),
    /** Null for Amazon's and Google's own. */
    endpoint: p.text().nullable(),
    /** Sealed for this row (src/secrets); null for a folder. */
    sealedCredentials: p.text().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    /** When its credentials came. */
    updatedAt: p.datetime().defaultRaw('now()'),
  },
  uniques: [{ properties: ['projectId', 'name'] }],
  indexes: [{ properties: ['projectId', 'id'] }],
});
export type Destination = InferEntity<typeof DestinationEntity>;
