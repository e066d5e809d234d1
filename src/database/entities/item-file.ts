import { defineEntity, p } from '@mikro-orm/core';
import type { ItemFileState, MediaDetails } from '../../domain/item-file.ts';

/**
 * A file that a stage left for an item. The row is there before the file and goes after it: whatever dies in between, no file
 * lies in storage that no row names.
 */
export const ItemFileEntity = defineEntity({
  name: 'ItemFile',
  tableName: 'item_files',
  properties: {
    jobId: p.uuid().primary(),
    id: p.uuid().primary(),
    index: p.bigint('number'),
    /** What it is to its job type; an item has one STORED file of each name. */
    name: p.text(),
    fileName: p.text(),
    mediaType: p.text(),
    media: p.json<MediaDetails>().nullable(),
    /** False for what only later stages need. */
    isKept: p.boolean(),
    state: p.text().$type<ItemFileState>(),
    stateAt: p.datetime().defaultRaw('now()'),
    /** The chunk and the attempt at it that wrote it. */
    stage: p.smallint(),
    generation: p.integer(),
    chunk: p.integer(),
    attempt: p.integer(),
    /** Where it lies: in the storage of a destination of the project, or in our own where there is none. */
    destinationId: p.uuid().nullable(),
    key: p.text(),
    /** 0 and empty while it is written. */
    byteSize: p.bigint('number').default(0),
    sha256: p.text().default(''),
  },
  indexes: [
    { properties: ['jobId', 'index'] },
    {
      name: 'item_files_unsettled_index',
      expression: `create index "item_files_unsettled_index" on "item_files" ("state_at") where "state" <> 'STORED'`,
    },
  ],
});
