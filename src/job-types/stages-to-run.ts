import type { ExternalStage, ItemStage, JobType, JobTypeStage, OnceStage } from './define-job-type.ts';

type AnyStage = JobTypeStage<Record<string, unknown>, Record<string, unknown>, Record<string, unknown>>;

/** A stage that a job goes through: one that is run from outside, or one that its job type runs itself. */
export type StageToRun = (ExternalStage & { external: true }) | (AnyStage & { external: false });

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

/**
 * The stages that a job goes through after its source was read, in their order: those that are run from outside, then its type's
 * own. In a dry run only those without an effect, and what adds up its report.
 */
export function stagesToRun(
  jobType: JobType,
  { options, isDryRun }: { options: Record<string, unknown>; isDryRun: boolean },
): StageToRun[] {
  // The registry hands out types whose schemas are known at run time only.
  const all = jobType.stages as readonly AnyStage[];
  const stages = all.filter((stage) => isWanted(stage, options));
  if (isDryRun) {
    const harmless = stages.filter((stage) => stage.kind === 'ITEMS' && stage.isWithoutEffect);
    return [...(harmless.length > 0 ? harmless : [check]), ...stages.filter(isReport)].map(toOwn);
  }
  const outside = jobType.externalStages?.(options) ?? [];
  return [...outside.map((stage) => ({ ...stage, external: true as const })), ...stages.map(toOwn)];
}

/** The stages over items that a job type itself runs in a job with these options. */
export function wantedItemStages(
  jobType: JobType,
  options: Record<string, unknown>,
): Exclude<AnyStage, OnceStage<Record<string, unknown>>>[] {
  const stages = jobType.stages as readonly AnyStage[];
  return stages.flatMap((stage) => (stage.kind === 'ITEMS' && isWanted(stage, options) ? [stage] : []));
}

function isWanted(stage: AnyStage, options: Record<string, unknown>): boolean {
  return stage.kind === 'ONCE' || (stage.isWanted?.(options) ?? true);
}

/** What a job type declares of one of its own stages; null for those that are run from outside, and for INGEST. */
export function findOwnStage(jobType: JobType, name: string): AnyStage | null {
  const stages = jobType.stages as readonly AnyStage[];
  return stages.find((stage) => stage.name === name) ?? (name === check.name ? check : null);
}

function toOwn(stage: AnyStage): StageToRun {
  return { ...stage, external: false };
}

function isReport(stage: AnyStage): stage is OnceStage<Record<string, unknown>> {
  return stage.kind === 'ONCE' && stage.name === 'AGGREGATE';
}
