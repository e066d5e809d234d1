import type { Logger } from 'pino';
import type { Database } from '../../database/database.ts';
import { isOutage } from '../../database/is-outage.ts';
import { readJobSequences } from '../../database/sql/read-job-sequences.ts';
import { readWatchedJobs } from '../../database/sql/read-watched-jobs.ts';
import { NotFoundError, toError } from '../../domain/errors.ts';
import { createExportChannel, type ExportChannel } from './export-channel.ts';
import { findJobs } from './find-jobs.ts';
import { createJobChannel, ringSize, type JobChannel } from './job-channel.ts';
import { pause } from './pause.ts';
import { createProjectChannel, type ProjectChannel } from './project-channel.ts';
import { readExports } from './read-exports.ts';

/** How often the database is asked what is new, for all watched jobs together. */
export const hubIntervalMs = 100;

/** Most journal entries that one look at the database brings, over all jobs. */
const entriesPerLook = 10_000;

/**
 * A job that has ended is looked at so long after its last change, since a change becomes visible a moment after the time
 * that it bears: when its transaction commits.
 */
const settledWindowMs = 10_000;

/** Jobs whose rows are fetched by one statement. */
const rowsPerRead = 500;

/** Looks at the database for everybody, and only while somebody watches. */
export interface FeedHub {
  /** Give it back with `leaveJob`. @throws NotFoundError when the project has no such job */
  watchJob(projectId: string, jobId: string, signal: AbortSignal): Promise<JobChannel>;
  leaveJob(channel: JobChannel): void;
  /** Brings the channel's row up to date, unless somebody keeps it fresh already. */
  loadRow(channel: JobChannel, signal: AbortSignal): Promise<void>;
  /** Changes from now on. Give it back with `leaveProject`. */
  watchProject(projectId: string, signal: AbortSignal): Promise<ProjectChannel>;
  leaveProject(channel: ProjectChannel): void;
  /** Give it back with `leaveExport`. @throws NotFoundError when the project has no such export */
  watchExport(projectId: string, exportId: string, signal: AbortSignal): Promise<ExportChannel>;
  leaveExport(channel: ExportChannel): void;
  /** Does `work` again and again while Postgres is away. @throws what is no outage, and when the feed closes */
  patiently<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  assertOpen(): void;
  /** How many channels are held: 0 when nobody watches. */
  readonly size: number;
  /** How old what readers know is at most, in milliseconds; 0 when nobody watches. */
  lagMs(): number;
  close(): Promise<void>;
}

/** A hub that asks the database as long as somebody watches. */
export function createFeedHub({ database, log }: { database: Database; log: Logger }): FeedHub {
  const jobs = new Map<string, JobChannel>();
  const projects = new Map<string, ProjectChannel>();
  const exports = new Map<string, ExportChannel>();
  const watched = () => jobs.size + projects.size + exports.size;
  const closing = new AbortController();
  let loop: Promise<void> | null = null;
  let away = false;
  /** All that was committed before this moment has been seen. */
  let seenUntil = 0;
  /** The same of the projects that are watched. */
  let projectsSeenUntil = 0;

  function start(): void {
    if (loop !== null || closing.signal.aborted) return;
    seenUntil = performance.now();
    loop = run().finally(() => {
      loop = null;
      // Somebody may have come between the last look and this line.
      if (watched() > 0) start();
    });
  }

  async function run(): Promise<void> {
    while (!closing.signal.aborted && watched() > 0) {
      const startedAt = performance.now();
      await look();
      // A slow database is asked less often: at most a fifth of the time is spent in it.
      const spent = performance.now() - startedAt;
      await pause(Math.min(Math.max(hubIntervalMs, 4 * spent), 2_000), closing.signal);
    }
  }

  async function look(): Promise<void> {
    const startedAt = performance.now();
    try {
      await lookAtJobs();
      await lookAtProjects();
      await lookAtExports();
      seenUntil = startedAt;
      if (away) log.info({ event: 'feed.recovered' }, 'The live feed reaches Postgres again.');
      away = false;
    } catch (thrown) {
      const error = toError(thrown);
      if (!away)
        log.warn(
          { event: 'feed.interrupted', err: error },
          'The live feed cannot read from Postgres; it keeps trying.',
        );
      away = true;
    }
  }

  async function lookAtJobs(): Promise<void> {
    const channels = [...jobs.values()];
    if (channels.length === 0) return;
    const limit = Math.max(10, Math.min(ringSize, Math.floor(entriesPerLook / channels.length)));
    const watched = channels.map((channel) => ({ jobId: channel.jobId, afterSequence: channel.cursor }));
    const snapshots = new Map((await readWatchedJobs(database.pool, watched, limit)).map((job) => [job.jobId, job]));
    const changed = channels.filter((channel) => channel.apply(snapshots.get(channel.jobId)));
    try {
      await refreshRows(
        channels.filter((channel) => channel.rowReaders > 0 && channel.row?.version !== channel.version),
      );
    } finally {
      for (const channel of changed) channel.changed.ring();
    }
  }

  async function refreshRows(channels: readonly JobChannel[]): Promise<void> {
    for (let from = 0; from < channels.length; from += rowsPerRead) {
      const part = channels.slice(from, from + rowsPerRead);
      // Taken before the read: a change during it makes the row newer than its version says, and it is read once more.
      const versions = new Map(part.map((channel) => [channel.jobId, channel.version]));
      const rows = await findJobs(database, [...versions.keys()]);
      const byId = new Map(rows.map((job) => [job.id, job]));
      for (const channel of part) {
        const job = byId.get(channel.jobId);
        const version = versions.get(channel.jobId) ?? channel.version;
        if (job && channel.row?.version !== version) channel.row = { version, job };
        channel.changed.ring();
      }
    }
  }

  async function lookAtProjects(): Promise<void> {
    const channels = [...projects.values()];
    if (channels.length === 0) return;
    const startedAt = performance.now();
    const sequences = await readJobSequences(database.pool, {
      projectIds: channels.map((channel) => channel.projectId),
      // After an outage of the database it reaches back to the last look before.
      windowMs: settledWindowMs + startedAt - projectsSeenUntil,
    });
    const byProject = Map.groupBy(sequences, (job) => job.projectId);
    for (const channel of channels) {
      const present = byProject.get(channel.projectId) ?? [];
      const moved = channel.moved(present);
      for (let from = 0; from < moved.length; from += rowsPerRead) {
        channel.push(await findJobs(database, moved.slice(from, from + rowsPerRead)));
        channel.changed.ring();
      }
      // Only now: when a read fails, the same jobs are found again.
      channel.remember(present);
    }
    projectsSeenUntil = startedAt;
  }

  async function lookAtExports(): Promise<void> {
    const channels = [...exports.values()];
    if (channels.length === 0) return;
    const present = await readExports(database, new Map(channels.map((channel) => [channel.exportId, channel])));
    for (const channel of channels) {
      const now = present.get(channel.exportId) ?? null;
      if (now?.version !== channel.version) channel.apply(now);
    }
  }

  const hub: FeedHub = {
    async watchJob(projectId, jobId, signal) {
      const known = jobs.get(jobId);
      if (known === undefined || known.projectId !== projectId) {
        const [snapshot] = await hub.patiently(signal, () =>
          // Nothing follows the greatest number: only the job's own figures come back.
          readWatchedJobs(database.pool, [{ jobId, afterSequence: Number.MAX_SAFE_INTEGER }], 1),
        );
        if (snapshot === undefined || snapshot.deleted || snapshot.projectId !== projectId) {
          throw new NotFoundError(`There is no job ${jobId}.`);
        }
        if (!jobs.has(jobId)) jobs.set(jobId, createJobChannel(snapshot));
      }
      const channel = jobs.get(jobId);
      if (channel === undefined) return hub.watchJob(projectId, jobId, signal);
      channel.readers += 1;
      start();
      return channel;
    },
    leaveJob(channel) {
      channel.readers -= 1;
      if (channel.readers === 0) jobs.delete(channel.jobId);
    },
    async loadRow(channel, signal) {
      if (channel.rowReaders > 1 && channel.row !== null) return;
      // One read for all who come at once.
      const load = () => (channel.loading ??= refreshRows([channel]).finally(() => (channel.loading = null)));
      await hub.patiently(signal, load);
    },
    async watchProject(projectId, signal) {
      if (projects.size === 0) projectsSeenUntil = performance.now();
      if (!projects.has(projectId)) {
        const present = await hub.patiently(signal, () =>
          readJobSequences(database.pool, { projectIds: [projectId], windowMs: settledWindowMs }),
        );
        if (!projects.has(projectId)) projects.set(projectId, createProjectChannel(projectId, present));
      }
      const channel = projects.get(projectId);
      if (channel === undefined) return hub.watchProject(projectId, signal);
      channel.readers += 1;
      start();
      return channel;
    },
    leaveProject(channel) {
      channel.readers -= 1;
      if (channel.readers === 0) projects.delete(channel.projectId);
    },
    async watchExport(projectId, exportId, signal) {
      if (!exports.has(exportId)) {
        const found = await hub.patiently(signal, () => readExports(database, new Map([[exportId, null]])));
        const first = found.get(exportId);
        if (first?.row.projectId === projectId && !exports.has(exportId))
          exports.set(exportId, createExportChannel(first));
      }
      const channel = exports.get(exportId);
      if (channel?.projectId !== projectId) throw new NotFoundError(`There is no export ${exportId}.`);
      channel.readers += 1;
      start();
      return channel;
    },
    leaveExport(channel) {
      channel.readers -= 1;
      if (channel.readers === 0) exports.delete(channel.exportId);
    },
    async patiently(signal, work) {
      for (;;) {
        hub.assertOpen();
        try {
          return await work();
        } catch (thrown) {
          const error = toError(thrown);
          if (signal.aborted || !isOutage(error)) throw error;
        }
        await pause(5 * hubIntervalMs, AbortSignal.any([signal, closing.signal]));
      }
    },
    assertOpen() {
      if (closing.signal.aborted) throw new Error('The live feed is closed: this server is shutting down.');
    },
    get size() {
      return watched();
    },
    lagMs: () => (loop === null ? 0 : performance.now() - seenUntil),
    async close() {
      closing.abort();
      for (const channel of [...jobs.values(), ...projects.values(), ...exports.values()]) channel.changed.ring();
      await loop;
    },
  };
  return hub;
}
