import type { Database } from '../../database/database.ts';
import { ChunkEntity, type Chunk } from '../../database/entities/chunk.ts';
import { GuardRailEntity, type GuardRail } from '../../database/entities/guard-rail.ts';
import type { Job } from '../../database/entities/job.ts';
import { StageEntity, type Stage } from '../../database/entities/stage.ts';
import { countChunks, type ChunkCounts } from '../../database/sql/reads/count-chunks.ts';
import { readAnalytics, type Analytics } from '../../database/sql/reads/read-analytics.ts';
import { countJobs, type JobGroup } from '../../database/sql/reads/count-jobs.ts';
import type { ChunkFilter, ChunkPosition } from '../../database/sql/reads/read-chunks.ts';
import { readRunningItems, type RunningItem } from '../../database/sql/reads/read-running-items.ts';
import { readQueueCounts } from '../../database/sql/reads/read-queue-counts.ts';
import type { JobPosition } from '../../database/sql/reads/list-job-ids.ts';
import type { FailureGroupCursor } from '../../database/sql/reads/read-failure-groups.ts';
import type { ChunkRef } from '../../domain/activities.ts';
import type { AnalyticsGroup, AnalyticsRange } from '../../domain/analytics.ts';
import { findPlace, type QueuePlace, type RunningLimits } from '../../domain/line.ts';
import type { JobEvent } from '../../domain/job-event.ts';
import type { LedgerTransaction } from '../../job-types/transactions/ledger-transaction.ts';
import { readClosedBuckets, type ClosedBucket } from '../../database/sql/read-closed-buckets.ts';
import type { Viewer } from '../commands.ts';
import type { ClosedProvider } from './closed-provider.ts';
import { findVisibleJob, findVisibleJobs } from './find-visible-jobs.ts';
import { listGenerations, type GenerationView } from './list-generations.ts';
import type { ItemView } from './item-view.ts';
import { listChunks } from './list-chunks.ts';
import { listEvents } from './list-events.ts';
import { listFailures, type FailureGroup } from './list-failures.ts';
import { listItems, type ItemFilter } from './list-items.ts';
import { listJobs, type JobPageRequest, type JobsQuery, type ListedJob } from './list-jobs.ts';
import { listLedgerTransactions, type LedgerFilter } from './list-ledger-transactions.ts';
import type { Page, PageRequest } from './page.ts';

export type { Chunk, ChunkCounts, ChunkFilter, ChunkPosition, FailureGroup, FailureGroupCursor, ItemFilter, ItemView };
export type {
  Analytics,
  ClosedProvider,
  GenerationView,
  GuardRail,
  Job,
  JobGroup,
  JobPageRequest,
  JobPosition,
  JobsQuery,
  LedgerFilter,
  ListedJob,
  LedgerTransaction,
  Page,
  PageRequest,
  RunningItem,
  Stage,
};

/**
 * Everything that reads jobs. What takes a viewer answers only what belongs to the viewer's project and is not deleted;
 * what takes a job trusts that it was found so. Ids are UUIDs, checked by the caller. Jobs come without their `source`.
 */
export interface JobReads {
  findJob(viewer: Viewer, id: string): Promise<Job | null>;
  findJobByKey(viewer: Viewer, key: string): Promise<Job | null>;
  /** In no order; jobs that are not visible are left out. */
  findJobs(viewer: Viewer, ids: readonly string[]): Promise<Job[]>;
  listJobs(viewer: Viewer, query: JobsQuery, request: JobPageRequest): Promise<Page<ListedJob>>;
  /** The project's jobs by type and state. */
  countJobs(viewer: Viewer): Promise<JobGroup[]>;
  /** The project's jobs that ended in a range. */
  readAnalytics(viewer: Viewer, range: AnalyticsRange, groupBy: AnalyticsGroup): Promise<Analytics>;
  /** The stages of several jobs, by position. */
  listStages(jobIds: readonly string[]): Promise<Stage[]>;
  /** Of those jobs that have any. */
  listGuardRails(jobIds: readonly string[]): Promise<GuardRail[]>;
  /** Of each job the chunks of the furthest ITEMS stage that has begun, in the newest generation. */
  countChunks(jobIds: readonly string[]): Promise<ChunkCounts[]>;
  /** Of each job the first so many slow items that workers are at, by index. */
  listRunningItems(jobIds: readonly string[], limit: number): Promise<RunningItem[]>;
  /** The places in line of those of the jobs that wait for their turn. */
  listPlaces(jobIds: readonly string[]): Promise<Map<string, QueuePlace>>;
  /** What providers have closed in the projects. */
  listClosedBuckets(projectIds: readonly string[]): Promise<ClosedBucket[]>;
  findChunk(viewer: Viewer, ref: ChunkRef): Promise<Chunk | null>;
  listChunks(job: Job, filter: ChunkFilter, request: PageRequest<ChunkPosition>): Promise<Page<Chunk>>;
  listItems(job: Job, filter: ItemFilter, request: PageRequest<number>): Promise<Page<ItemView>>;
  listFailures(job: Job, request: PageRequest<FailureGroupCursor>): Promise<Page<FailureGroup>>;
  /** The runs of a job, the first one first. */
  listGenerations(job: Job): Promise<GenerationView[]>;
  listEvents(job: Job, request: PageRequest<number>): Promise<Page<JobEvent>>;
  listLedgerTransactions(
    viewer: Viewer,
    filter: LedgerFilter,
    request: PageRequest<string>,
  ): Promise<Page<LedgerTransaction>>;
}

/** All reads of jobs, each within what its viewer may see. */
export function createJobReads(database: Database, limits: RunningLimits): JobReads {
  const findJob = (viewer: Viewer, id: string) => findVisibleJob(database, viewer, { id });
  return {
    findJob,
    findJobByKey: (viewer, key) => findVisibleJob(database, viewer, { key }),
    findJobs: (viewer, ids) => findVisibleJobs(database, viewer, { id: { $in: [...ids] } }),
    listJobs: (viewer, query, request) => listJobs(database, viewer, query, request),
    countJobs: ({ projectId }) => countJobs(database.pool, projectId),
    readAnalytics: ({ projectId }, range, groupBy) => readAnalytics(database.pool, { projectId, range, groupBy }),
    listStages: (jobIds) =>
      database.em().find(StageEntity, { jobId: { $in: [...jobIds] } }, { orderBy: { jobId: 'asc', position: 'asc' } }),
    listGuardRails: (jobIds) => database.em().find(GuardRailEntity, { jobId: { $in: [...jobIds] } }),
    countChunks: (jobIds) => countChunks(database.pool, jobIds),
    listRunningItems: (jobIds, limit) => readRunningItems(database.pool, jobIds, limit),
    listPlaces: async (jobIds) => {
      const counted = await readQueueCounts(database.pool, jobIds);
      const places = counted.map(({ jobId, counts }) => [jobId, findPlace(counts, limits)] as const);
      return new Map(places.flatMap(([jobId, place]) => (place ? [[jobId, place]] : [])));
    },
    listClosedBuckets: (projectIds) => readClosedBuckets(database.pool, projectIds),
    findChunk: async (viewer, ref) => {
      if (!(await findJob(viewer, ref.jobId))) return null;
      const { jobId, stage, generation, index } = ref;
      return await database.em().findOne(ChunkEntity, { jobId, stage, generation, index });
    },
    listChunks: (job, filter, request) => listChunks(database, job, filter, request),
    listItems: (job, filter, request) => listItems(database, job, filter, request),
    listFailures: (job, request) => listFailures(database, job, request),
    listGenerations: (job) => listGenerations(database, job),
    listEvents: (job, request) => listEvents(database, job, request),
    listLedgerTransactions: (viewer, filter, request) => listLedgerTransactions(database, viewer, filter, request),
  };
}
