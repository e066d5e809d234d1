import type { WorkerKind } from '../domain/worker-kind.ts';
import { findJobType } from './registry.ts';

/** The kind of worker that runs the chunks of a job in one of its stages. */
export function findWorker(job: { type: string; options: Record<string, unknown> }, stageName: string): WorkerKind {
  const stage = findJobType(job.type)?.stages.find(({ name }) => name === stageName);
  if (stage?.kind !== 'ITEMS') return 'DEFAULT';
  // A job's options were checked against the schema of its type.
  return stage.worker?.(job.options as never) ?? 'DEFAULT';
}
