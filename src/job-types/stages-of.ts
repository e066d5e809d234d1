import type { StageKind } from '../domain/stage-plan.ts';
import type { JobType } from './define-job-type.ts';

/** A stage of a job, behind INGEST. */
export interface DeclaredStage {
  name: string;
  kind: StageKind;
  /** Run from outside. */
  external: boolean;
}

/** The stages of a job with these options, in their order: first those that are run from outside. */
export function stagesOf(jobType: JobType, options: Record<string, unknown>): DeclaredStage[] {
  return [
    ...(jobType.externalStages?.(options) ?? []).map(({ name, kind }) => ({ name, kind, external: true })),
    ...jobType.stages.map(({ name, kind }) => ({ name, kind, external: false })),
  ];
}
