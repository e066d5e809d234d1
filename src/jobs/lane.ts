import type { Stage } from '../database/entities/stage.ts';
import { makesFiles } from '../job-types/makes-files.ts';
import type { Planning } from './planning.ts';

/** The stages that a chunk goes through before others begin: all of Longhaul's own over the items in a job that makes files, else one. */
export function laneOf({ job, stages }: Pick<Planning, 'job' | 'stages'>, stage: Stage): Stage[] {
  if (stage.kind !== 'ITEMS' || stage.external || !makesFiles(job)) return [stage];
  return stages.filter(({ kind, external }) => kind === 'ITEMS' && !external);
}

/** Its chunks are open for as long as those of any stage of the lane. */
export function endOf(lane: Stage[]): Stage {
  const last = lane.at(-1);
  if (!last) throw new Error('A lane has at least one stage.');
  return last;
}
