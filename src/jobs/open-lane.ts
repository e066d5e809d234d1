import type { PoolClient } from 'pg';
import type { Job } from '../database/entities/job.ts';
import type { Stage } from '../database/entities/stage.ts';
import { copyChunks } from '../database/sql/copy-chunks.ts';
import { cutChunks } from '../database/sql/cut-chunks.ts';
import { cutKeyedChunks } from '../database/sql/cut-keyed-chunks.ts';
import { hasChunk } from '../database/sql/has-chunk.ts';
import { layLaneChunks } from '../database/sql/lay-lane-chunks.ts';
import { startStage } from '../database/sql/set-stage-state.ts';
import { chooseJobChunkSize } from './choose-chunk-size.ts';
import type { RunningCanary } from './guard-rails/run-canary.ts';
import { isKeyed } from './is-keyed.ts';
import { endOf } from './lane.ts';
import type { Planning } from './planning.ts';

/** Opens those stages of a lane that are not open yet, each with its chunks. */
export async function openLane(planning: Planning, lane: Stage[], canary: RunningCanary | null = null): Promise<void> {
  for (const stage of lane) {
    if (stage.state === 'RUNNING') continue;
    await openStage(planning, stage, lane, canary);
    stage.state = 'RUNNING';
  }
}

async function openStage(
  { client, job, stages }: Planning,
  stage: Stage,
  lane: Stage[],
  canary: RunningCanary | null,
): Promise<void> {
  if (stage.kind === 'ITEMS') {
    const before = stages.findLast(({ kind, position }) => kind === 'ITEMS' && position < stage.position);
    const between = { jobId: job.id, from: before?.position ?? 0, to: stage.position, generation: job.generation };
    if (before && lane.includes(before)) await layLaneChunks(client, between);
    else if (before) await copyChunks(client, { ...between, endItem: canary?.items ?? job.total });
    else if (job.generation === 0) await cutFirstChunks(client, job, stage, canary);
  }
  await startStage(client, job.id, stage, stageTotal(job, stage, lane));
}

/** Null while the length of the source is not known. */
function stageTotal(job: Job, stage: Stage, lane: Stage[]): number | null {
  switch (stage.kind) {
    case 'INGEST':
      return stage.total ?? null;
    case 'ITEMS':
      // One that is opened again has done a part of it; in a lane it counts those that ended in it or behind it.
      return job.pending + (lane.length === 1 ? stage.completed : endedFrom(stage, lane));
    case 'ONCE':
      return 1;
  }
}

function endedFrom(stage: Stage, lane: Stage[]): number {
  const onTheWay = lane.slice(lane.indexOf(stage), -1).reduce((sum, { failed }) => sum + failed, 0);
  return endOf(lane).completed + onTheWay;
}

/** Once for a job: in a redrive the chunks of the first item stage were cut when their items were selected. Those of the canary hold no others. */
async function cutFirstChunks(client: PoolClient, job: Job, stage: Stage, canary: RunningCanary | null): Promise<void> {
  const at = { jobId: job.id, stage: stage.position };
  if (await hasChunk(client, { ...at, generation: 0, index: 0 })) return;
  const size = await chooseJobChunkSize(client, job, job.total);
  const cut = { ...at, size, priority: job.chunkPriority };
  const first = canary?.items ?? 0;
  if (isKeyed(job)) {
    const { lockKey } = job;
    await cutKeyedChunks(client, { ...cut, firstItem: 0, endItem: first, lockKey });
    await cutKeyedChunks(client, { ...cut, firstItem: first, endItem: job.total, lockKey });
    return;
  }
  await cutChunks(client, { ...cut, firstItem: 0, endItem: first, firstIndex: 0 });
  await cutChunks(client, { ...cut, firstItem: first, endItem: job.total, firstIndex: Math.ceil(first / size) });
}
