import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  condition,
  continueAsNew,
  executeChild,
  ParentClosePolicy,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { NextStep } from '../src/domain/activities.ts';
import { advanceJob, createChunkRunner, ingestItems, runOnceStage, writeBack } from './activities.ts';
import { createExport } from './create-export.ts';
import { wakeSignal } from './messages.ts';
import { createLaneRunner, mayWait } from './run-in-lane.ts';
import { drainLanes, runLanes } from './run-lanes.ts';
import { watchJob } from './watch-job.ts';

export interface RunJobInput {
  jobId: string;
}

/** A step takes at most 9,000 events of history, so that a run which begins one below this stays under 10,000. */
const freshEvents = 1_000;

/**
 * Coordinates one job. What to do next is always read from the database, when nothing is in flight: so the workflow holds
 * no state, and may be lost, reset or started anew at any time.
 */
export async function runJob({ jobId }: RunJobInput): Promise<void> {
  let wakes = 0;
  setHandler(wakeSignal, () => {
    wakes += 1;
  });
  let isNewCoordinator = workflowInfo().continuedFromExecutionRunId === undefined;
  for (;;) {
    const seen = wakes;
    const step = await advanceJob({ jobId, isNewCoordinator });
    isNewCoordinator = false;
    switch (step.kind) {
      case 'INGEST':
        await ingestItems({ jobId, generation: step.generation });
        break;
      case 'CHUNKS':
        await runChunks(jobId, step, () => wakes);
        break;
      case 'PARTITIONS':
        await runLanes(jobId, step, () => wakes);
        break;
      case 'DRAIN':
        await drainLanes(jobId, step.lanes);
        break;
      case 'ONCE':
        await runOnceStage({ jobId, stage: step.stage, generation: step.generation });
        break;
      case 'EXPORTS':
        await writeExports(step.exportIds);
        break;
      case 'WRITE_BACK':
        await writeBack({ jobId });
        break;
      case 'WAIT':
        if (step.forMs === undefined) await condition(() => wakes > seen);
        else await condition(() => wakes > seen, step.forMs);
        break;
      case 'END':
        // Somebody may have asked for a retry while the job ended.
        if (wakes === seen) return;
        break;
    }
    // Nothing is in flight here and every wake is answered by the next advance, so none is lost.
    if (isLong()) return await continueAsNew<typeof runJob>({ jobId });
  }
}

function isLong(): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return historyLength > freshEvents || continueAsNewSuggested;
}

/** Keeps up to `window` chunks in flight. Stops handing out when one yields, as the job is then pausing or canceling, and drains. */
async function runChunks(
  jobId: string,
  step: Extract<NextStep, { kind: 'CHUNKS' }>,
  wakes: () => number,
): Promise<void> {
  // What takes longest first: chunks of a run wait for each other.
  const queue = [...(step.runs ?? []), ...step.indexes.map((index) => [index])];
  let yielded = false;
  const watch = mayWait(step) ? watchJob(jobId, wakes) : null;
  const isCalledOff = () => yielded || (watch?.isStopping() ?? false);
  const runInLane = createLaneRunner(createChunkRunner({ ...step, jobId }), { ...step, jobId }, isCalledOff);
  async function lane(): Promise<void> {
    for (let run = queue.shift(); run !== undefined; run = queue.shift()) {
      for (const index of run) {
        if (yielded) return;
        if ((await runInLane(index)) === 'YIELDED') yielded = true;
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(step.window, queue.length) }, lane));
  } finally {
    watch?.end();
  }
}

/** One after the other; an export that fails says so itself and holds up nothing. */
async function writeExports(exportIds: string[]): Promise<void> {
  for (const exportId of exportIds) {
    try {
      await executeChild(createExport, {
        workflowId: `export:${exportId}`,
        args: [{ exportId }],
        parentClosePolicy: ParentClosePolicy.ABANDON,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      // An earlier run of this workflow, or the reconciler, started it: the next advance tells whether it is done.
      await sleep('1 s');
    }
  }
}
