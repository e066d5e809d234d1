import {
  ActivityFailure,
  ChildWorkflowFailure,
  CancellationScope,
  condition,
  isCancellation,
} from '@temporalio/workflow';
import type { StepOutcome } from '../src/domain/activities.ts';

/**
 * Waits for work to come to its end, or cancels it and waits for that: what no worker has begun, because none of its kind is free or there is none at
 * all, must not hold up a job that is to pause or to end.
 */
export async function unlessCalledOff(
  work: () => Promise<StepOutcome>,
  isCalledOff: () => boolean,
): Promise<StepOutcome> {
  const scope = new CancellationScope();
  let isOver = false;
  const running = scope.run(work).finally(() => {
    isOver = true;
  });
  // Its error is taken below.
  running.catch(() => undefined);
  await condition(() => isOver || isCalledOff());
  if (!isOver) scope.cancel();
  try {
    return await running;
  } catch (error) {
    const isOurs = scope.consideredCancelled && !CancellationScope.current().consideredCancelled;
    const isItsEnd = isCancellation(error) || error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
    if (isOurs && isItsEnd) return 'YIELDED';
    throw error;
  }
}
