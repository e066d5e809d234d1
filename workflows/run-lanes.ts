import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  ChildWorkflowFailure,
  executeChild,
  getExternalWorkflowHandle,
  ParentClosePolicy,
  sleep,
} from '@temporalio/workflow';
import type { NextStep, StepOutcome } from '../src/domain/activities.ts';
import { wakeSignal } from './messages.ts';
import { mayWait } from './run-in-lane.ts';
import { runPartition, type RunPartitionInput } from './run-partition.ts';
import { unlessCalledOff } from './unless-called-off.ts';
import { watchJob } from './watch-job.ts';

/**
 * Runs partitions in lanes, each lane one after the other. Starts none any more when one yields, as the job is then pausing
 * or canceling, and settles when all lanes are empty.
 */
export async function runLanes(
  jobId: string,
  step: Extract<NextStep, { kind: 'PARTITIONS' }>,
  wakes: () => number,
): Promise<void> {
  const { stage, generation, taskPriority, fairnessWeight, lane: stages } = step;
  const queue = [...step.partitions];
  let yielded = false;
  const watch = mayWait(step) ? watchJob(jobId, wakes) : null;
  const isCalledOff = () => yielded || (watch?.isStopping() ?? false);
  async function runLane(lane: number): Promise<void> {
    for (let span = queue.shift(); span !== undefined && !yielded; span = queue.shift()) {
      const input = {
        jobId,
        stage,
        generation,
        taskPriority,
        fairnessWeight,
        ...(stages && { lane: stages }),
        ...span,
      };
      const run = () => runPartitionInLane(laneId(jobId, lane), input);
      const outcome = watch ? await unlessCalledOff(run, isCalledOff) : await run();
      if (outcome === 'YIELDED') yielded = true;
    }
  }
  try {
    await Promise.all(Array.from({ length: Math.min(step.lanes, queue.length) }, (_, lane) => runLane(lane)));
  } finally {
    watch?.end();
  }
}

/** Ends lanes of an earlier coordinator and settles when nothing runs in them. */
export async function drainLanes(jobId: string, lanes: number): Promise<void> {
  await Promise.all(Array.from({ length: lanes }, (_, lane) => drainLane(laneId(jobId, lane))));
}

/**
 * The partitions that a lane runs have one workflow id: however often a coordinator is lost, a job never has more of them
 * than lanes.
 */
function laneId(jobId: string, lane: number): string {
  return `job:${jobId}:lane-${lane}`;
}

async function runPartitionInLane(workflowId: string, input: RunPartitionInput): Promise<StepOutcome> {
  for (;;) {
    try {
      return await executeChild(runPartition, {
        workflowId,
        args: [input],
        // One that has lost its coordinator hands its chunk back and ends.
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
      });
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) {
        // This workflow was reset to a time before it started the one that is there.
        await drainLane(workflowId);
      } else if (error instanceof ChildWorkflowFailure && !CancellationScope.current().consideredCancelled) {
        // Somebody ended it. What it left is open, and the next advance finds it.
        return 'DONE';
      } else throw error;
    }
  }
}

async function drainLane(workflowId: string): Promise<void> {
  const lane = getExternalWorkflowHandle(workflowId);
  for (;;) {
    try {
      // Only a signal is refused when there is nobody any more: a workflow that has ended can still be canceled.
      await lane.signal(wakeSignal);
      await lane.cancel();
    } catch (error) {
      if (CancellationScope.current().consideredCancelled) throw error;
      return;
    }
    await sleep('1 s');
  }
}
