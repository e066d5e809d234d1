import type { ChunkRef, LaneStage, StepOutcome } from '../src/domain/activities.ts';
import type { ChunkRunner } from './activities.ts';
import { unlessCalledOff } from './unless-called-off.ts';

export interface Lane {
  jobId: string;
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

/** Runs chunks through the stages of a lane, one chunk at each call. What no worker has begun is given up once it is called off. */
export function createLaneRunner(
  { runChunk }: ChunkRunner,
  { jobId, generation, ...lane }: Lane,
  isCalledOff: () => boolean,
) {
  const stages = lane.lane ?? [{ stage: lane.stage, worker: 'DEFAULT' as const }];
  return async (index: number): Promise<StepOutcome> => {
    for (const { stage, worker } of stages) {
      const chunk: ChunkRef = { jobId, stage, generation, index };
      const run = () => runChunk(chunk, worker);
      const outcome = worker === 'DEFAULT' ? await run() : await unlessCalledOff(run, isCalledOff);
      if (outcome === 'YIELDED') return 'YIELDED';
    }
    return 'DONE';
  };
}
