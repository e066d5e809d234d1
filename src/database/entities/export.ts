import { defineEntity, p, type InferEntity } from '@mikro-orm/core';
import type { ExportCheckpoint, ExportContent, ExportFormat, ExportState } from '../../domain/export.ts';

/** A file made from a job's results. */
export const ExportEntity = defineEntity({
  name: 'Export',
  tableName: 'exports',
  properties: {
    id: p.uuid().primary(),
    jobId: p.uuid(),
    projectId: p.uuid(),
    format: p.text().$type<ExportFormat>(),
    content: p.text().$type<ExportContent>(),
    fileNamePrefix: p.text().nullable(),
    /** Chosen by the client, in their order; null means all. */
    columns: p.json<string[]>().nullable(),
    state: p.text().$type<ExportState>(),
    /** Fence: a writer that lost its turn cannot finish the export. */
    attempt: p.integer().default(0),
    percent: p.double().default(0),
    /** The job's journal entry as of which it was read; null until it is read. */
    asOfSequence: p.bigint('number').nullable(),
    /** Of formats that are gone on with after a crash; null until the first part is stored, and when the file is written. */
    checkpoint: p.json<ExportCheckpoint>().nullable(),
    fileName: p.text().nullable(),
    byteSize: p.bigint('number').nullable(),
    sha256: p.text().nullable(),
    error: p.text().nullable(),
    /** Asked for at submit: written when the job is complete. */
    atCompletion: p.boolean().default(false),
    createdAt: p.datetime().defaultRaw('now()'),
    completedAt: p.datetime().nullable(),
    expiresAt: p.datetime().nullable(),
  },
  indexes: [
    { properties: ['jobId', 'id'] },
    { properties: ['projectId', 'id'] },
    { properties: ['projectId', 'state', 'id'] },
    {
      name: 'exports_unfinished_index',
      expression: `create index "exports_unfinished_index" on "exports" ("id") where "state" in ('PENDING', 'RUNNING')`,
    },
    {
      name: 'exports_expiry_index',
      expression: `create index "exports_expiry_index" on "exports" ("expires_at") where "state" = 'COMPLETED'`,
    },
  ],
});
export type Export = InferEntity<typeof ExportEntity>;
