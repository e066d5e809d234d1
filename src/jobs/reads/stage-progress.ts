import type { Stage } from '../../database/entities/stage.ts';
import type { StageProgress } from '../../domain/progress.ts';
import { findJobType } from '../../job-types/registry.ts';

/** Adds to a job's stages what their job type declares of them. */
export function toStageProgress(type: string, stages: readonly Stage[]): StageProgress[] {
  const declared = findJobType(type)?.stages ?? [];
  return stages.map((stage) => {
    const declaration = declared.find((candidate) => candidate.name === stage.name);
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
