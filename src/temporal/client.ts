import { Client, Connection, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { OpenTelemetryPlugin } from '@temporalio/interceptors-opentelemetry-v2';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { toError } from '../domain/errors.ts';
import type { WorkflowStarter } from '../jobs/workflow-starter.ts';

export interface TemporalClient {
  client: Client;
  workflows: WorkflowStarter;
  /** True when Temporal answers. */
  isUp(): Promise<boolean>;
  close(): Promise<void>;
}

/** A request waits no longer than this for Temporal: what it asked for is stored, and the reconciler tells Temporal later. */
const deadlineMs = 2_000;

/** Connects lazily and for as long as it takes: the API works while Temporal is down. */
export function createTemporalClient({
  config,
  log,
  plugin,
}: {
  config: Pick<Config, 'temporal'>;
  log: Logger;
  /** Takes traces along. */
  plugin?: OpenTelemetryPlugin | undefined;
}): TemporalClient {
  const { address, namespace, taskQueue } = config.temporal;
  const connection = Connection.lazy({ address, connectTimeout: deadlineMs });
  const client = new Client({ connection, namespace, plugins: plugin ? [plugin] : [] });

  async function tell(event: string, id: string, call: () => Promise<unknown>): Promise<void> {
    try {
      await client.withDeadline(Date.now() + deadlineMs, call);
    } catch (thrown) {
      if (thrown instanceof WorkflowExecutionAlreadyStartedError) return;
      log.warn({ event: 'temporal_unreachable', wanted: event, id, err: toError(thrown) });
    }
  }

  return {
    client,
    workflows: {
      wakeJob: (jobId) =>
        tell('wake_job', jobId, () =>
          client.workflow.signalWithStart('runJob', {
            workflowId: `job:${jobId}`,
            taskQueue,
            args: [{ jobId }],
            signal: 'wake',
          }),
        ),
      startExport: (exportId) =>
        tell('start_export', exportId, () =>
          client.workflow.start('createExport', {
            workflowId: `export:${exportId}`,
            taskQueue,
            args: [{ exportId }],
            workflowIdConflictPolicy: 'USE_EXISTING',
          }),
        ),
      startPurge: () =>
        tell('start_purge', taskQueue, () =>
          client.workflow.start('purgeJobs', {
            workflowId: `purge:${taskQueue}`,
            taskQueue,
            args: [],
            workflowIdConflictPolicy: 'USE_EXISTING',
          }),
        ),
    },
    isUp: async () => {
      try {
        await client.withDeadline(Date.now() + deadlineMs, () => connection.workflowService.getSystemInfo({}));
        return true;
      } catch {
        return false;
      }
    },
    close: () => connection.close(),
  };
}
