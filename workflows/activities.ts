import { proxyActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../src/domain/activities.ts';

/**
 * Every activity reports each second that it is alive; ten seconds of silence mean that its worker is dead. An outage of
 * Postgres may last hours: activities are tried until it is over, at most 10 s apart, and decide themselves when to give up.
 */
const options = {
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '10 s',
  retry: { initialInterval: '500 ms', backoffCoefficient: 2, maximumInterval: '10 s' },
} satisfies ActivityOptions;

export const { advanceJob, cleanUp, ingestItems, listOpenChunks, runOnceStage, writeExport, purgeJobs } =
  proxyActivities<Activities>(options);

/** Chunks of one priority, 1 (first) to 5. */
export function chunkActivities(priorityKey: number): Pick<Activities, 'runChunk'> {
  return proxyActivities<Activities>({ ...options, priority: { priorityKey } });
}
