import { patched } from '@temporalio/workflow';
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

/** True where a chunk may wait, without holding a worker, for one of a certain kind or for an outside service. */
export function mayWait({ lane = [] }: Pick<Lane, 'lane'>): boolean {
  return needsWorkers(lane) || waitsForServices(lane);
}

function needsWorkers(stages: readonly LaneStage[]): boolean {
  return stages.some(({ worker }) => worker !== 'DEFAULT');
}

/** Where a chunk goes through several stages, it waits by itself for the service of one. */
function waitsForServices(stages: readonly LaneStage[]): boolean {
  return stages.length > 1 && patched('chunks-wait-for-services');
}

/** Runs chunks through the stages of a lane, one chunk at each call. What no worker is at is given up once it is called off. */
export function createLaneRunner(
  { runChunk }: ChunkRunner,
  { jobId, generation, ...lane }: Lane,
  isCalledOff: () => boolean,
) {
  const stages = lane.lane ?? [{ stage: lane.stage, worker: 'DEFAULT' as const }];
  const anyMayWait = waitsForServices(stages);
  return async (index: number): Promise<StepOutcome> => {
    for (const { stage, worker } of stages) {
      const chunk: ChunkRef = { jobId, stage, generation, index };
      const run = () => runChunk(chunk, worker);
      const outcome = worker !== 'DEFAULT' || anyMayWait ? await unlessCalledOff(run, isCalledOff) : await run();
      if (outcome === 'YIELDED') return 'YIELDED';
    }
    return 'DONE';
  };
}
