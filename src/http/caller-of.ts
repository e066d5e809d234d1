import type { Viewer } from '../jobs/commands.ts';

/** Whose limits count: those of one key, of one user in all projects, or of all who follow one job. */
export function callerOf({ caller: { kind, id } }: Viewer): string {
  return `${kind} ${id}`;
}
