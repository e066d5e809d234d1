import type { ProviderUse } from './define-job-type.ts';
import { findJobType, jobTypes } from './registry.ts';

/** The outside service that a stage of a job calls; null when it calls none. */
export function findProvider(
  job: { type: string; options: Record<string, unknown> },
  stageName: string | null | undefined,
): ProviderUse | null {
  const jobType = findJobType(job.type);
  const stage = jobType?.stages.find(({ name }) => name === stageName);
  if (stage?.kind !== 'ITEMS' || stage.transactional) return null;
  const options = jobType?.options.safeParse(job.options);
  // Options that the type does not take any more fail the chunks, which say so.
  return options?.success ? (stage.provider?.(options.data as never) ?? null) : null;
}

/** Name of the bucket that all jobs of a project share which call the provider. */
export function providerBucket({ name }: Pick<ProviderUse, 'name'>): string {
  return `provider:${name}`;
}

/** Names of the job types that call outside services. */
export function typesWithProviders(): string[] {
  const calls = (stage: (typeof jobTypes)[number]['stages'][number]) =>
    stage.kind === 'ITEMS' && !stage.transactional && stage.provider !== undefined;
  return jobTypes.filter(({ stages }) => stages.some(calls)).map(({ name }) => name);
}
