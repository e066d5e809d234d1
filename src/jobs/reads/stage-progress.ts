import type { Stage } from '../../database/entities/stage.ts';
import type { StageProgress } from '../../domain/progress.ts';
import { findJobType } from '../../job-types/registry.ts';
import { findOwnStage } from '../../job-types/stages-to-run.ts';

/** Adds to a job's stages what their job type declares of them. */
export function toStageProgress(type: string, stages: readonly Stage[]): StageProgress[] {
  const jobType = findJobType(type);
  return stages.map((stage) => {
    const declaration = jobType && !stage.external ? findOwnStage(jobType, stage.name) : null;
    return {
      name: stage.name,
      kind: stage.kind,
      verb: declaration?.verb ?? (stage.external ? `${stage.name}:` : 'Reading'),
      weight:
        declaration?.kind === 'ITEMS' ? (declaration.weight ?? 1) : Number(stage.external && stage.kind === 'ITEMS'),
      isExternal: stage.external,
      state: stage.state,
      generation: stage.generation,
      total: stage.total ?? null,
      completed: stage.completed,
      failed: stage.failed,
      startedAt: stage.startedAt ?? null,
      completedAt: stage.completedAt ?? null,
      fetched: toFetched(stage.metadata),
    };
  });
}

function toFetched({ bytesFetched: bytes, bytesToFetch: total }: Record<string, unknown>): StageProgress['fetched'] {
  return typeof bytes === 'number' ? { bytes, total: typeof total === 'number' ? total : null } : null;
}
