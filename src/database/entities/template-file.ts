import { defineEntity, p, type InferEntity } from '@mikro-orm/core';

/** A logo or music, copied out of the upload with the same id, which expires. Its row is written before the file and deleted after it. */
export const TemplateFileEntity = defineEntity({
  name: 'TemplateFile',
  tableName: 'template_files',
  properties: {
    id: p.uuid().primary(),
    projectId: p.uuid(),
    mediaType: p.text(),
    byteSize: p.bigint('number'),
    createdAt: p.datetime().defaultRaw('now()'),
    /** Null while it is written. */
    storedAt: p.datetime().nullable(),
  },
});
export type TemplateFile = InferEntity<typeof TemplateFileEntity>;
