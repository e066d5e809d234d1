import { setTimeout as delay } from 'node:timers/promises';
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import type { Logger } from 'pino';
import { toError } from '../domain/errors.ts';

interface MaintenanceSchedule {
  client: Client;
  taskQueue: string;
  log: Logger;
  /** Ends the tries. */
  signal: AbortSignal;
}

const retryMs = 10_000;

/**
 * Has Temporal start the workflow `maintenance` every ten minutes, one at a time. Any number of workers may ask for it. Tries
 * until Temporal takes it; never throws.
 */
export async function scheduleMaintenance({ client, taskQueue, log, signal }: MaintenanceSchedule): Promise<void> {
  while (!signal.aborted) {
    try {
      await client.withAbortSignal(signal, () =>
        client.withDeadline(Date.now() + retryMs, () => createSchedule(client, taskQueue)),
      );
      return;
    } catch (thrown) {
      if (thrown instanceof ScheduleAlreadyRunning) return;
      log.warn({ event: 'temporal_unreachable', wanted: 'schedule_maintenance', err: toError(thrown) });
      await delay(retryMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Workers of different task queues may share a namespace: each queue has a schedule of its own. */
export function maintenanceScheduleId(taskQueue: string): string {
  return `maintenance:${taskQueue}`;
}

async function createSchedule(client: Client, taskQueue: string): Promise<void> {
  const scheduleId = maintenanceScheduleId(taskQueue);
  await client.schedule.create({
    scheduleId,
    spec: { intervals: [{ every: '10 minutes' }] },
    // Runs that an outage swallowed have nothing to do that the next one does not do.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    action: { type: 'startWorkflow', workflowType: 'maintenance', workflowId: scheduleId, taskQueue, args: [] },
  });
}
