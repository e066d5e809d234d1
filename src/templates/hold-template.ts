import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import type { PoolClient } from 'pg';
import { JobTemplateEntity } from '../database/entities/job-template.ts';
import { TemplateFileEntity } from '../database/entities/template-file.ts';
import { holdJobTemplate, type HeldTemplate } from '../database/sql/templates/hold-job-template.ts';
import { lockTemplateFiles } from '../database/sql/templates/lock-template-files.ts';
import { ConflictError } from '../domain/errors.ts';

/** Part of the transaction that names kept files: until it ends they cannot be swept. @throws ConflictError when they were */
export async function assertFilesHeld(em: EntityManager, projectId: string, fileIds: readonly string[]): Promise<void> {
  if (fileIds.length === 0) return;
  const where = { id: { $in: [...fileIds] }, projectId, storedAt: { $ne: null } };
  const held = await em.find(TemplateFileEntity, where, { lockMode: LockMode.PESSIMISTIC_READ, fields: ['id'] });
  assertAll(fileIds, held.length);
}

/** What a new job holds. @throws ConflictError */
export async function holdForJob(
  em: EntityManager,
  job: { id: string; projectId: string },
  { templateId, version, fileIds }: HeldTemplate,
): Promise<void> {
  await assertFilesHeld(em, job.projectId, fileIds);
  await em.insert(JobTemplateEntity, { jobId: job.id, templateId, version, fileIds: [...fileIds] });
}

/** What a job holds that gets other options. @throws ConflictError */
export async function holdForRetry(
  client: PoolClient,
  job: { id: string; projectId: string },
  held: HeldTemplate,
): Promise<void> {
  const found = await lockTemplateFiles(client, job.projectId, held.fileIds);
  assertAll(held.fileIds, found.length);
  await holdJobTemplate(client, job.id, held);
}

function assertAll(fileIds: readonly string[], found: number): void {
  if (found === new Set(fileIds).size) return;
  throw new ConflictError('A file of the template was deleted in this moment. Send the same again.');
}
