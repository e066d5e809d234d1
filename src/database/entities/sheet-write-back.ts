import { defineEntity, p } from '@mikro-orm/core';
import type { WriteBackCursor } from '../../domain/write-back.ts';

/** What a job tells the sheet that its items came from, when it ends. */
export const SheetWriteBackEntity = defineEntity({
  name: 'SheetWriteBack',
  tableName: 'sheet_write_backs',
  properties: {
    jobId: p.uuid().primary(),
    state: p.text().$type<'PENDING' | 'ENDED'>(),
    /** Fence: only the newest attempt notes how far it is. */
    attempt: p.integer().default(0),
    /** How far it is; null before the first page. */
    cursor: p.json<WriteBackCursor>().nullable(),
  },
  indexes: [{ properties: ['state'] }],
});
