import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import { purgeJobs as purgeBatch } from './activities.ts';

/** Deletes the rows of deleted jobs, and items whose time is over, batch by batch, so that nobody else waits for it. */
export async function purgeJobs(): Promise<void> {
  while (!(await purgeBatch())) {
    if (workflowInfo().continueAsNewSuggested) return await continueAsNew<typeof purgeJobs>();
  }
}
