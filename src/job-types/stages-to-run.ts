import type { ItemStage, JobType, JobTypeStage, OnceStage } from './define-job-type.ts';

type AnyStage = JobTypeStage<Record<string, unknown>, Record<string, unknown>, Record<string, unknown>>;

/** Stands for the item stages of a dry run whose job type has none without an effect: items are held to their schema. */
const check: ItemStage<Record<string, unknown>, Record<string, unknown>, Record<string, unknown>> = {
  kind: 'ITEMS',
  name: 'CHECK',
  verb: 'Checking',
  transactional: false,
  batchSize: 5_000,
  concurrency: 1,
  process: async (items) => items.map(() => ({ state: 'SUCCEEDED' })),
};

/** The stages that a job goes through after its source was read: in a dry run those without an effect, and what adds up its report. */
export function stagesToRun(jobType: JobType, isDryRun: boolean): readonly AnyStage[] {
  // The registry hands out types whose schemas are known at run time only.
  const stages = jobType.stages as readonly AnyStage[];
  if (!isDryRun) return stages;
  const harmless = stages.filter((stage) => stage.kind === 'ITEMS' && stage.isWithoutEffect);
  return [...(harmless.length > 0 ? harmless : [check]), ...stages.filter(isReport)];
}

function isReport(stage: AnyStage): stage is OnceStage<Record<string, unknown>> {
  return stage.kind === 'ONCE' && stage.name === 'AGGREGATE';
}
