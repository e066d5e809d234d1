import type { Database } from '../../database/database.ts';
import { JobEntity, type Job } from '../../database/entities/job.ts';
import { StageEntity } from '../../database/entities/stage.ts';
import { listRunningIds } from '../../database/sql/reads/list-running-ids.ts';
import { readMeanDuration } from '../../database/sql/reads/read-mean-duration.ts';
import { readNextQueueCounts } from '../../database/sql/reads/read-next-queue-counts.ts';
import { readQueueCounts } from '../../database/sql/reads/read-queue-counts.ts';
import {
  findPlaces,
  headStartMs,
  waitMs,
  type QueueCounts,
  type QueuePlace,
  type RunningLimits,
} from '../../domain/line.ts';
import { elapsedMs, etaMs } from '../../domain/progress.ts';
import type { Viewer } from '../commands.ts';
import { toStageProgress } from '../reads/stage-progress.ts';
import type { EstimatedJob } from './estimated-job.ts';
import type { EstimatedQueue } from './job-estimate.ts';

/** Of more jobs the progress is not looked at. */
const mostRunning = 500;

/** Where a job stands in line, or would if it were submitted now, and about how long; null when no limit holds it back. */
export async function findQueue(
  { database, limits }: { database: Database; limits: RunningLimits },
  { viewer, command, jobId }: EstimatedJob,
): Promise<EstimatedQueue | null> {
  const { projectId, caller } = viewer;
  const counts =
    jobId === null
      ? await readNextQueueCounts(database.pool, { projectId, caller, headStartMs: headStartMs[command.priority] })
      : ((await readQueueCounts(database.pool, [jobId]))[0]?.counts ?? null);
  const places = counts ? findPlaces(counts, limits) : [];
  const [place] = places;
  if (!counts || !place) return null;
  const waits = await Promise.all(places.map((each) => readWait(database, viewer, each, counts)));
  const known = waits.filter((wait) => wait !== null);
  return { ...place, waitMs: known.length === waits.length ? Math.max(...known) : null };
}

/** By the progress of those that run; those that wait will take as long as these do, or as the last ones did. */
async function readWait(
  database: Database,
  { projectId, caller }: Viewer,
  { level, limit }: QueuePlace,
  counts: QueueCounts,
): Promise<number | null> {
  const ids = await listRunningIds(database.pool, {
    projectId: level === 'INSTALLATION' ? null : projectId,
    user: level === 'USER' ? `${caller.kind}:${caller.id}` : null,
    limit: mostRunning,
  });
  const rests = await readRests(database, ids);
  const known = rests.flatMap(({ elapsed, rest }) => (rest === null ? [] : [elapsed + rest]));
  const eachMs =
    known.length > 0
      ? known.reduce((sum, ms) => sum + ms, 0) / known.length
      : await readMeanDuration(database.pool, projectId);
  if (eachMs === null) return null;
  const running = rests.map(({ elapsed, rest }) => rest ?? Math.max(eachMs - elapsed, 0));
  return Math.round(waitMs({ limit, running, ahead: counts[level].ahead, eachMs }));
}

/** How long jobs have been running, and will; null when they have got nowhere yet. */
async function readRests(
  database: Database,
  ids: readonly string[],
): Promise<{ elapsed: number; rest: number | null }[]> {
  const em = database.em();
  const found = await em.find(JobEntity, { id: { $in: [...ids] } }, { exclude: ['source', 'aggregates', 'problems'] });
  const stages = await em.find(StageEntity, { jobId: { $in: [...ids] } });
  const now = new Date();
  return (found as Job[]).map((job) => {
    const own = toStageProgress(
      job.type,
      stages.filter(({ jobId }) => jobId === job.id).toSorted((a, b) => a.position - b.position),
    );
    // Those that pause, are canceled or have only exports to write are as good as over.
    const rest = job.state === 'RUNNING' ? etaMs(job, own, now) : 0;
    return { elapsed: elapsedMs(job, now), rest };
  });
}
