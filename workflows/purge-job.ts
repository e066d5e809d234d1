import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import { purgeJobBatch } from './activities.ts';

export interface PurgeJobInput {
  jobId: string;
}

/** Deletes a deleted job's rows batch by batch, so that nobody else waits for it. */
export async function purgeJob({ jobId }: PurgeJobInput): Promise<void> {
  while (!(await purgeJobBatch({ jobId }))) {
    if (workflowInfo().continueAsNewSuggested) return await continueAsNew<typeof purgeJob>({ jobId });
  }
}
