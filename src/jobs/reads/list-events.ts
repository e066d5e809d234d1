import type { Database } from '../../database/database.ts';
import type { Job } from '../../database/entities/job.ts';
import { JobEventEntity, type JobEventRow } from '../../database/entities/job-event.ts';
import { assertSequence } from '../../domain/assert-sequence.ts';
import type { JobEvent } from '../../domain/job-event.ts';
import { toPage, type Page, type PageRequest } from './page.ts';

/** A job's journal in order; the cursor is a sequence number. @throws InvalidInputError when it cannot be one */
export async function listEvents(database: Database, job: Job, request: PageRequest<number>): Promise<Page<JobEvent>> {
  const after = request.after ?? 0;
  assertSequence(after);
  const rows = await database
    .em()
    .find(
      JobEventEntity,
      { jobId: job.id, sequence: { $gt: after } },
      { orderBy: { sequence: 'asc' }, limit: request.limit + 1 },
    );
  return toPage(rows.map(toJobEvent), request);
}

/** The data of a row is of its type: only `appendJobEvent` and the commit statements write them. */
function toJobEvent(row: JobEventRow): JobEvent {
  return { jobId: row.jobId, sequence: row.sequence, at: row.at, type: row.type, data: row.data } as JobEvent;
}
