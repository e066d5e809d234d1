import { defineEntity, p } from '@mikro-orm/core';

/**
 * A chunk that holds its lock keys, or waits for them. It holds them for as long as it is RUNNING: whoever asks next deletes the
 * rows of those that are not any more, so that a commit has nothing to give back and a kill leaves nothing behind.
 */
export const KeyTurnEntity = defineEntity({
  name: 'KeyTurn',
  tableName: 'key_turns',
  properties: {
    jobId: p.uuid().primary(),
    stage: p.smallint().primary(),
    generation: p.integer().primary(),
    index: p.integer().primary(),
    projectId: p.uuid().index(),
    /** Its place in line; null once it has its keys. */
    waitsSince: p.datetime().nullable(),
    /** One that asks no more loses its place. */
    askedAt: p.datetime(),
  },
});
