import type { EntityManager } from '@mikro-orm/postgresql';
import { JobEntity, type Job } from '../database/entities/job.ts';
import type { Upload } from '../database/entities/upload.ts';
import { isTable } from '../domain/upload-format.ts';
import type { JobType } from '../job-types/define-job-type.ts';

/** Milliseconds that a job of no items takes on an idle machine: its stages and journal entries. */
const emptyJobMs = 500;

/**
 * Milliseconds that the job will take: those of an empty one, and its items over the speed of the project's last 20 completed jobs of the type, or over
 * the speed that the type declares. Null when it is not known how many items there are.
 */
export async function estimateDurationMs(
  em: EntityManager,
  job: Job,
  jobType: JobType,
  upload: Upload | null,
): Promise<number | null> {
  const items = countItems(job, upload);
  if (items === null) return null;
  const past = await em.find(
    JobEntity,
    { projectId: job.projectId, type: job.type, state: 'COMPLETED', generation: 0, total: { $gt: 0 } },
    { orderBy: { id: 'desc' }, limit: 20, fields: ['total', 'startedAt', 'completedAt', 'pausedMs'] },
  );
  const pastItems = past.reduce((sum, each) => sum + each.total, 0);
  const pastMs = past.reduce((sum, each) => sum + Number(each.completedAt) - Number(each.startedAt) - each.pausedMs, 0);
  const itemsPerMs = pastMs > 0 ? pastItems / pastMs : jobType.declaredItemsPerSecond / 1_000;
  return Math.ceil(emptyJobMs + items / itemsPerMs);
}

function countItems(job: Job, upload: Upload | null): number | null {
  if (job.total > 0) return job.total;
  if (job.source.kind === 'inline') return job.source.items.length;
  if (job.source.kind !== 'upload') return null;
  const lines = upload?.lineCount ?? null;
  // The lines of a JSON document say nothing about its items.
  if (lines === null || job.source.format === 'JSON') return null;
  return isTable(job.source.format) ? Math.max(lines - 1, 0) : lines;
}
