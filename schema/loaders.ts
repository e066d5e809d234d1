import { dataloaderGetter } from '@pothos/plugin-dataloader';
import type { KeptFile } from '../src/item-files/item-files.ts';
import type { ChunkCounts, ClosedProvider, GuardRail, Job, RunningItem, Stage } from '../src/jobs/reads/job-reads.ts';
import { findClosedProvider, type ClosedBucket } from '../src/jobs/reads/closed-provider.ts';
import type { TemplateSettings } from '../src/templates/template-settings.ts';
import type { QueuePlace } from '../src/domain/line.ts';
import type { Context } from './context.ts';

// What is asked for in one tick becomes one query. Nothing is cached: the context of a subscription lives as long as it
// does, and each of its values must be read anew.
const uncached = { cache: false } as const;

/** The stages of a job, by position. */
export const loadStages = loader(async (jobIds: readonly string[], { services }): Promise<Stage[][]> => {
  const byJob = Map.groupBy(await services.reads.listStages(unique(jobIds)), (stage) => stage.jobId);
  return jobIds.map((id) => byJob.get(id) ?? []);
});

/** The counted chunks of a job; null when it has none yet. */
export const loadChunkCounts = loader(
  async (jobIds: readonly string[], { services }): Promise<(ChunkCounts | null)[]> => {
    const counts = await services.reads.countChunks(unique(jobIds));
    const byJob = new Map(counts.map((each) => [each.jobId, each]));
    return jobIds.map((id) => byJob.get(id) ?? null);
  },
);

/** The guard rails of a job; null when it has none. */
export const loadGuardRails = loader(async (jobIds: readonly string[], { services }): Promise<(GuardRail | null)[]> => {
  const byJob = new Map((await services.reads.listGuardRails(unique(jobIds))).map((rails) => [rails.jobId, rails]));
  return jobIds.map((id) => byJob.get(id) ?? null);
});

/** Settings of the newest version of a template; null when it was deleted meanwhile. */
export const loadTemplateSettings = loader(
  async (ids: readonly string[], { services }): Promise<(TemplateSettings | null)[]> => {
    const versions = await services.templates.listCurrentVersions(unique(ids));
    const byId = new Map(versions.map(({ templateId, settings }) => [templateId, settings]));
    return ids.map((id) => byId.get(id) ?? null);
  },
);

/** How many jobs were submitted with a template. */
export const loadTemplateJobs = loader(async (ids: readonly string[], { services }): Promise<number[]> => {
  const counts = await services.templates.countJobs(unique(ids));
  return ids.map((id) => counts.get(id) ?? 0);
});

/** A job of the viewer's project; null when there is none. */
export const loadJob = loader(async (ids: readonly string[], { services, viewer }): Promise<(Job | null)[]> => {
  const byId = new Map((await services.reads.findJobs(viewer, unique(ids))).map((job) => [job.id, job]));
  return ids.map((id) => byId.get(id) ?? null);
});

export type Export = Awaited<ReturnType<Context['services']['exports']['listExports']>>[number];

/** The exports of a job, oldest first. */
export const loadExports = loader(async (jobIds: readonly string[], { services }): Promise<Export[][]> => {
  const byJob = Map.groupBy(await services.exports.listExports(unique(jobIds)), (each) => each.jobId);
  return jobIds.map((id) => byJob.get(id) ?? []);
});

/** The files of an item, by `itemRef`. */
export const loadItemFiles = loader(async (refs: readonly string[], { services }): Promise<KeptFile[][]> => {
  const items = unique(refs).map((ref) => {
    const [jobId = '', index] = ref.split('/');
    return { jobId, index: Number(index) };
  });
  const byItem = Map.groupBy(await services.itemFiles.listFiles(items), (file) => itemRef(file));
  return refs.map((ref) => byItem.get(ref) ?? []);
});

/** Names an item for `loadItemFiles`. */
export function itemRef({ jobId, index }: { jobId: string; index: number }): string {
  return `${jobId}/${index}`;
}

/** Slow items of a job that workers are at. */
export const loadRunningItems = loader(async (jobIds: readonly string[], { services }): Promise<RunningItem[][]> => {
  const byJob = Map.groupBy(
    await services.reads.listRunningItems(unique(jobIds), mostRunningItems),
    ({ jobId }) => jobId,
  );
  return jobIds.map((id) => byJob.get(id) ?? []);
});

/** What is shown of a job at most: as many as lanes that one can have. */
const mostRunningItems = 100;

/** The place in line of a waiting job; null when nothing holds it back. */
export const loadPlace = loader(async (jobIds: readonly string[], { services }): Promise<(QueuePlace | null)[]> => {
  const places = await services.reads.listPlaces(unique(jobIds));
  return jobIds.map((id) => places.get(id) ?? null);
});

/** The provider that a running job waits for; null when it waits for none. */
export async function loadClosedProvider(
  job: Job,
  running: readonly string[],
  context: Context,
): Promise<ClosedProvider | null> {
  return findClosedProvider(job, running, await loadClosedBuckets(job.projectId, context));
}

const loadClosedBuckets = loader(async (projectIds: readonly string[], { services }): Promise<ClosedBucket[][]> => {
  const byProject = Map.groupBy(await services.reads.listClosedBuckets(unique(projectIds)), (each) => each.projectId);
  return projectIds.map((id) => byProject.get(id) ?? []);
});

function loader<Value>(
  load: (keys: readonly string[], context: Context) => Promise<Value[]>,
): (key: string, context: Context) => Promise<Value> {
  // The plugin types its context as any object; ours is the only one that resolvers have.
  const getLoader = dataloaderGetter<string, Value, string>(
    uncached,
    (keys, context) => load(keys, context as Context),
    undefined,
    false,
  );
  return async (key, context) => await getLoader(context).load(key);
}

function unique(keys: readonly string[]): string[] {
  return [...new Set(keys)];
}
