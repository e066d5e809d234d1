import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

/** A file that a client sends before it submits a job over it. `byteSize` is null until the file is whole in storage. */
export const UploadEntity = defineEntity({
  name: 'Upload',
  tableName: 'uploads',
  properties: {
    id: p.uuid().primary(),
    projectId: p.uuid(),
    fileName: p.text(),
    /** Lower-case hexadecimal SHA-256: what the client announced, then what was received. */
    sha256: p.text().nullable(),
    byteSize: p.bigint('number').nullable(),
    /** Lines in an uncompressed text file, an estimate of its items. */
    lineCount: p.bigint('number').nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    receivedAt: p.datetime().nullable(),
    expiresAt: p.datetime(),
  },
  indexes: [{ properties: ['projectId', 'id'] }, { properties: ['expiresAt'] }],
});
export type Upload = InferEntity<typeof UploadEntity>;
