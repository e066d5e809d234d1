import { defineEntity, p } from '@mikro-orm/core';
import type { BucketLane } from '../../domain/bucket.ts';

/** A rate of a project that all its workers share: that of an outside service, or a job's own. */
export const BucketEntity = defineEntity({
  name: 'Bucket',
  tableName: 'buckets',
  properties: {
    projectId: p.uuid().primary(),
    /** `provider:<name>` or `job:<id>`. */
    name: p.text().primary(),
    /** The first slot that nobody has, in milliseconds since 1970 by the database's clock. */
    nextAt: p.float().columnType('double precision').default(0),
    lanes: p.json<Record<string, BucketLane>>(),
    /** The provider asked to wait until then. */
    closedUntil: p.datetime().nullable(),
    /** What it said, for people. */
    closedReason: p.text().nullable(),
  },
});
