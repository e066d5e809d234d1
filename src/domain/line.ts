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
  const limitOf: Record<QueueLevel, number | null> = {
    USER: limits.runningJobsPerUser,
    PROJECT: limits.runningJobsPerProject,
    INSTALLATION: limits.runningJobs,
  };
  for (const level of queueLevels) {
    const limit = limitOf[level];
    const { running, ahead } = counts[level];
    if (limit !== null && running + ahead >= limit) {
      // Those before it for which there is room start in this moment.
      return { position: ahead - Math.max(0, Math.min(ahead, limit - running)) + 1, level, limit };
    }
  }
  return null;
}
