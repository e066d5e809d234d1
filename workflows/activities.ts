import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../src/domain/activities.ts';

/** An outage of Postgres may last hours: steps are tried until it is over, at most 10 s apart. Steps decide themselves when to give up. */
const retry = { initialInterval: '500 ms', backoffCoefficient: 2, maximumInterval: '10 s' } as const;

/** Short statements on the database. */
export const { advanceJob, cleanUp, purgeJobBatch } = proxyActivities<Activities>({
  startToCloseTimeout: '5 minutes',
  retry,
});

/** Work that reports that it is alive every second; ten seconds of silence mean that its worker is dead. */
export const { ingestItems, runOnceStage, writeExport } = proxyActivities<Activities>({
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '10 s',
  retry,
});

/** Chunks of one priority, 1 (first) to 5. */
export function chunkActivities(priorityKey: number): Pick<Activities, 'runChunk'> {
  return proxyActivities<Activities>({
    startToCloseTimeout: '24 hours',
    heartbeatTimeout: '10 s',
    retry,
    priority: { priorityKey },
  });
}
