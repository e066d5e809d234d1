import type { Caller, CallerId } from './caller.ts';
import type { JobState } from './job-state.ts';

/** Which jobs of a project; null lets all through. */
export interface JobFilter {
  states: readonly JobState[] | null;
  types: readonly string[] | null;
  /** Part of the title, in any case of letters. */
  title: string | null;
  createdFrom: Date | null;
  /** Before this moment. */
  createdTo: Date | null;
  /** Who submitted it. */
  createdBy: CallerId | null;
  /** JSON that the metadata contains. */
  metadata: unknown;
}

interface FilteredJob {
  state: JobState;
  type: string;
  title: string;
  createdAt: Date;
  createdBy?: Caller | null | undefined;
  metadata: unknown;
}

/** What the list of jobs asks the database, asked of one job. */
export function matchesFilter(job: FilteredJob, filter: JobFilter): boolean {
  const { states, types, title, createdFrom, createdTo, createdBy, metadata } = filter;
  if (states && !states.includes(job.state)) return false;
  if (types && !types.includes(job.type)) return false;
  if (title && !job.title.toLowerCase().includes(title.toLowerCase())) return false;
  if (createdFrom && job.createdAt < createdFrom) return false;
  if (createdTo && job.createdAt >= createdTo) return false;
  if (createdBy && !(job.createdBy?.kind === createdBy.kind && job.createdBy.id === createdBy.id)) return false;
  return metadata === null || containsJson(job.metadata, metadata);
}

/** As Postgres' `@>` on objects: each member, and each element of a list in any place, is found again, at every depth. */
function containsJson(whole: unknown, part: unknown): boolean {
  if (Array.isArray(part)) {
    return Array.isArray(whole) && part.every((one) => whole.some((other) => containsJson(other, one)));
  }
  if (!isObject(part)) return whole === part;
  return (
    isObject(whole) &&
    Object.entries(part).every(([name, value]) => Object.hasOwn(whole, name) && containsJson(whole[name], value))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
