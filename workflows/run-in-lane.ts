import type { ChunkRef, LaneStage, StepOutcome } from '../src/domain/activities.ts';
import { chunkActivities, type ChunkTurn } from './activities.ts';
import { unlessCalledOff } from './unless-called-off.ts';

export interface Lane extends ChunkTurn {
  /** The first stage. */
  stage: number;
  generation: number;
  /** The stages that each chunk goes through; `stage` alone, on any worker, when left out. */
  lane?: LaneStage[] | undefined;
}

/** True where a chunk may wait for a worker of a certain kind. */
export function waitsForWorkers({ lane = [] }: Pick<Lane, 'lane'>): boolean {
  return lane.some(({ worker }) => worker !== 'DEFAULT');
}

/** Runs a chunk through the stages of its lane. What no worker has begun is given up once it is called off. */
export async function runInLane(lane: Lane, index: number, isCalledOff: () => boolean): Promise<StepOutcome> {
  for (const { stage, worker } of lane.lane ?? [{ stage: lane.stage, worker: 'DEFAULT' as const }]) {
    const { runChunk } = chunkActivities({ ...lane, worker });
    const chunk: ChunkRef = { jobId: lane.jobId, stage, generation: lane.generation, index };
    const outcome =
      worker === 'DEFAULT' ? await runChunk(chunk) : await unlessCalledOff(() => runChunk(chunk), isCalledOff);
    if (outcome === 'YIELDED') return 'YIELDED';
  }
  return 'DONE';
}
