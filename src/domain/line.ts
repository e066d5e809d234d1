import type { Priority } from './job.ts';
import type { Limits } from './limits.ts';

/** How many jobs may run at a time. */
export type RunningLimits = Pick<Limits, 'runningJobsPerUser' | 'runningJobsPerProject' | 'runningJobs'>;

/** Whose limits a job counts for. */
export interface Owner {
  projectId: string;
  /** Whoever submitted it, unique in the project. */
  user: string;
}

export interface WaitingJob extends Owner {
  id: string;
}

export interface RunningJobs extends Owner {
  jobs: number;
}

/**
 * Milliseconds by which a job stands further ahead or behind in line than one of NORMAL priority that was submitted with it.
 * So jobs of one priority start in the order in which they came, and none waits for ever, however many others come.
 */
export const headStartMs: Record<Priority, number> = { HIGH: 3_600_000, NORMAL: 0, LOW: -3_600_000 };

/** Those of the waiting jobs that may start, in the order of the line: who is held back by a limit lets others pass. */
export function chooseStarts(
  waiting: readonly WaitingJob[],
  running: readonly RunningJobs[],
  limits: RunningLimits,
): string[] {
  const users = new Map<string, number>();
  const projects = new Map<string, number>();
  let all = 0;
  const add = ({ projectId, user }: Owner, jobs: number) => {
    const key = `${projectId} ${user}`;
    users.set(key, (users.get(key) ?? 0) + jobs);
    projects.set(projectId, (projects.get(projectId) ?? 0) + jobs);
    all += jobs;
  };
  for (const each of running) add(each, each.jobs);
  return waiting.flatMap((job) => {
    const hasRoom =
      isBelow(users.get(`${job.projectId} ${job.user}`), limits.runningJobsPerUser) &&
      isBelow(projects.get(job.projectId), limits.runningJobsPerProject) &&
      isBelow(all, limits.runningJobs);
    if (!hasRoom) return [];
    add(job, 1);
    return [job.id];
  });
}

function isBelow(count: number | undefined, limit: number | null): boolean {
  return limit === null || (count ?? 0) < limit;
}

export const queueLevels = ['USER', 'PROJECT', 'INSTALLATION'] as const;
export type QueueLevel = (typeof queueLevels)[number];

/** Jobs that run, and jobs that stand before this one in line. */
export type QueueCounts = Record<QueueLevel, { running: number; ahead: number }>;

/** A job's place in line, from 1, among those that the same limit holds back. */
export interface QueuePlace {
  position: number;
  level: QueueLevel;
  limit: number;
}

/** Null for a job that no limit holds back: it starts in this moment. */
export function findPlace(counts: QueueCounts, limits: RunningLimits): QueuePlace | null {
  return findPlaces(counts, limits)[0] ?? null;
}

/** Its places behind each of the limits that hold it back, those that count the fewest jobs first. */
export function findPlaces(counts: QueueCounts, limits: RunningLimits): QueuePlace[] {
  const limitOf: Record<QueueLevel, number | null> = {
    USER: limits.runningJobsPerUser,
    PROJECT: limits.runningJobsPerProject,
    INSTALLATION: limits.runningJobs,
  };
  return queueLevels.flatMap((level) => {
    const limit = limitOf[level];
    const { running, ahead } = counts[level];
    if (limit === null || running + ahead < limit) return [];
    // Those before it for which there is room start in this moment.
    return [{ position: ahead - Math.max(0, Math.min(ahead, limit - running)) + 1, level, limit }];
  });
}

/** Who has to leave before a job that waits has its turn. */
export interface Queue {
  limit: number;
  /** Milliseconds that each of those that run still takes. */
  running: readonly number[];
  /** How many stand before it. */
  ahead: number;
  /** Milliseconds that each of them will take. */
  eachMs: number;
}

/** Milliseconds until a job has its turn: whoever stands before it takes the place that comes free first. */
export function waitMs({ limit, running, ahead, eachMs }: Queue): number {
  const free = Array.from({ length: Math.max(limit - running.length, 0) }, () => 0);
  // Where more run than may, the first ends make no room.
  const ends = [...free, ...running.toSorted((a, b) => a - b).slice(Math.max(running.length - limit, 0))];
  const later: number[] = [];
  let [ended, endedLater] = [0, 0];
  const takeNext = () => {
    const [end = Infinity, laterEnd = Infinity] = [ends[ended], later[endedLater]];
    if (laterEnd < end) endedLater += 1;
    else ended += 1;
    return Math.min(end, laterEnd);
  };
  for (let before = 0; before < ahead; before += 1) later.push(takeNext() + eachMs);
  return takeNext();
}
