import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import { cleanUp } from './activities.ts';

/** Deletes what has expired, batch by batch. A schedule starts it every ten minutes. */
export async function maintenance(): Promise<void> {
  while (!(await cleanUp())) {
    if (workflowInfo().continueAsNewSuggested) return await continueAsNew<typeof maintenance>();
  }
}
