import { defineEntity, p } from '@mikro-orm/core';

/** Which code the workers of a task queue run, or ran. */
export const BuildEntity = defineEntity({
  name: 'Build',
  tableName: 'builds',
  properties: {
    taskQueue: p.text().primary(),
    /** Names the code, see `findBuild`. */
    build: p.text().primary(),
    /** Its first worker: the newest build that has workers begins what is new. */
    since: p.datetime().defaultRaw('now()'),
    /** The last sign of life of any of its workers. */
    seenAt: p.datetime().defaultRaw('now()'),
    /** From then on there was one every few seconds: so its workers would have seen others too. */
    steadySince: p.datetime().defaultRaw('now()'),
    /** A worker of it stopped then, and no other has shown itself since. */
    leftAt: p.datetime().nullable(),
  },
});
