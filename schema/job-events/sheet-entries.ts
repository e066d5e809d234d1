import { builder } from '../builder.ts';
import { JobEventInterface } from '../job-event.ts';
import { errorFields, type Entry } from './entry.ts';

builder.objectRef<Entry<'SheetWritten'>>('SheetWritten').implement({
  description: 'The sheet that the items came from was told what became of them.',
  interfaces: [JobEventInterface],
  fields: (t) => ({
    written: t.field({
      type: 'BigInt',
      description: 'Rows that were written.',
      resolve: ({ data }) => data.written,
    }),
    conflicts: t.field({
      type: 'BigInt',
      description: 'Rows that are no longer those that their items came from: nothing was written to them.',
      resolve: ({ data }) => data.conflicts,
    }),
    conflictRows: t.field({
      type: ['Int'],
      description: 'The first 20 of them that are there, as the sheet numbers its rows.',
      resolve: ({ data }) => data.conflictRows,
    }),
  }),
});

builder.objectRef<Entry<'SheetWriteFailed'>>('SheetWriteFailed').implement({
  description: 'The sheet that the items came from could not be told what became of them; the job does not mind.',
  interfaces: [JobEventInterface],
  fields: (t) => errorFields(t),
});
