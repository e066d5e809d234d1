import type { EntityManager } from '@mikro-orm/postgresql';
import { UploadEntity, type Upload } from '../database/entities/upload.ts';
import { ConflictError, NotFoundError } from '../domain/errors.ts';
import type { JobSource } from '../domain/job.ts';
import type { Viewer } from './commands.ts';

/** The upload that a source reads, with its file; null for other sources. @throws NotFoundError, ConflictError while the file is not sent */
export async function findUpload(em: EntityManager, viewer: Viewer, source: JobSource): Promise<Upload | null> {
  if (source.kind !== 'upload') return null;
  const upload = await em.findOne(UploadEntity, { id: source.uploadId, projectId: viewer.projectId });
  if (!upload) throw new NotFoundError(`There is no upload ${source.uploadId}.`);
  if (upload.receivedAt === null) {
    throw new ConflictError(`Upload ${upload.id} has no file yet: PUT it to its uploadUrl first.`, {
      state: 'PENDING',
    });
  }
  return upload;
}
