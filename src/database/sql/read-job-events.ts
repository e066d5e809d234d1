import type { Pool } from 'pg';
import type { JobEvent, JobEventType } from '../../domain/job-event.ts';

/** A journal entry as JSON, as `jobEventJson` makes it. */
export interface JobEventRecord {
  sequence: number;
  type: JobEventType;
  data: Record<string, unknown>;
  /** Milliseconds since 1970. */
  at: number;
}

/** A row `e` of job_events as JSON: numbers stay numbers, whatever the connection's type parsers do. */
export const jobEventJson = `json_build_object(
  'sequence', e.sequence, 'type', e.type, 'data', e.data, 'at', floor(extract(epoch from e.at) * 1000)::bigint
)`;

/** Entries `afterSequence + 1`.. of a job's journal, in order: the first `limit` of them. */
export async function readJobEvents(
  pool: Pool,
  input: { jobId: string; afterSequence: number; limit: number },
): Promise<JobEvent[]> {
  const { rows } = await pool.query<{ event: JobEventRecord }>({
    name: 'read-job-events',
    text: `
      select ${jobEventJson} as event from job_events e
      where e.job_id = $1 and e.sequence > $2
      order by e.sequence limit $3`,
    values: [input.jobId, input.afterSequence, input.limit],
  });
  return rows.map((row) => toJobEvent(input.jobId, row.event));
}

/** The database keeps type and data apart; what wrote them kept them together. */
export function toJobEvent(jobId: string, record: JobEventRecord): JobEvent {
  const event = { jobId, sequence: record.sequence, type: record.type, data: record.data, at: new Date(record.at) };
  // The cast joins what `appendJobEvent` took apart: its signature ties each type to its data.
  return event as JobEvent;
}
