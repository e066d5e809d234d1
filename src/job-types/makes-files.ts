import { findJobType } from './registry.ts';

/** Whether the items of a job may leave files: see `JobTypeDefinition.makesFiles`. A dry run leaves none. */
export function makesFiles(job: { type: string; options: Record<string, unknown> }): boolean {
  // A job's options were checked against the schema of its type.
  return findJobType(job.type)?.makesFiles?.(job.options as never) ?? false;
}
