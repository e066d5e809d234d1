import { LockMode, type EntityManager } from '@mikro-orm/postgresql';
import { GoogleAccountEntity } from '../database/entities/google-account.ts';
import { JobEntity, type Job } from '../database/entities/job.ts';
import { UploadEntity } from '../database/entities/upload.ts';
import { newId } from '../database/new-id.ts';
import { ConflictError, NotFoundError } from '../domain/errors.ts';
import { assertItems, isTerminal } from '../domain/job-state.ts';
import type { EarlierJobSource, FrozenJobSource, JobSource, StoredSource } from '../domain/job.ts';
import { sealTarget } from '../sources/url/seal-target.ts';

/**
 * A source as it is stored. What it reads is locked until the transaction ends, after which clean-up, deletion and retry see
 * that a job reads it. @throws NotFoundError, ConflictError when an earlier job has not ended
 */
export async function freezeSource(
  transaction: EntityManager,
  projectId: string,
  source: JobSource,
  secret: string,
): Promise<StoredSource> {
  switch (source.kind) {
    case 'upload': {
      const lock = { lockMode: LockMode.PESSIMISTIC_READ, fields: ['id'] } as const;
      const upload = await transaction.findOne(UploadEntity, { id: source.uploadId, projectId }, lock);
      if (!upload) throw new NotFoundError(`There is no upload ${source.uploadId}.`);
      return source;
    }
    case 'url': {
      const { url, headers, ...reading } = source;
      const uploadId = newId();
      return { ...reading, uploadId, sealed: sealTarget(secret, uploadId, { url, headers }) };
    }
    case 'googleSheet':
      await assertAccount(transaction, projectId, source.accountId);
      return { ...source, uploadId: newId() };
    case 'job':
      return await freezeJob(transaction, projectId, source, LockMode.PESSIMISTIC_READ);
    default:
      return source;
  }
}

async function assertAccount(em: EntityManager, projectId: string, id: string | null): Promise<void> {
  if (id === null || (await em.count(GoogleAccountEntity, { id, projectId })) > 0) return;
  throw new NotFoundError(`There is no connected Google account ${id}.`);
}

/** @throws NotFoundError, ConflictError when the job has not ended */
export async function freezeJob(
  em: EntityManager,
  projectId: string,
  source: EarlierJobSource,
  lockMode = LockMode.NONE,
): Promise<FrozenJobSource> {
  const where = { id: source.jobId, projectId, deletedAt: null };
  const job: Pick<Job, 'state' | 'failed' | 'completedAt' | 'itemsDeletedAt'> | null = await em.findOne(
    JobEntity,
    where,
    {
      ...(lockMode === LockMode.NONE ? {} : { lockMode }),
      fields: ['state', 'failed', 'completedAt', 'itemsDeletedAt'],
    },
  );
  if (!job) throw new NotFoundError(`There is no job ${source.jobId}.`);
  if (!isTerminal(job.state) || !job.completedAt) {
    throw new ConflictError(`Job ${source.jobId} is ${job.state}: its items can be a source once it has ended.`, {
      state: job.state,
    });
  }
  assertItems({ ...job, id: source.jobId });
  return { ...source, endedAt: job.completedAt.toISOString() };
}
