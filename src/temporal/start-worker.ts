import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createActivities } from '../activities/create-activities.ts';
import { createJobWatch } from '../activities/job-watch.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import type { DestinationAccess } from '../destinations/destinations.ts';
import { toError } from '../domain/errors.ts';
import { defaultPlanLimits, type PlanLimits } from '../domain/partitions.ts';
import { createLine } from '../jobs/line.ts';
import { startReconciler } from '../jobs/reconcile.ts';
import { createRateLimiter } from '../limits/rate-limiter.ts';
import { taskQueueOf, workerKinds } from '../domain/worker-kind.ts';
import { noMetrics, type Metrics } from '../metrics/metrics.ts';
import { createSheetAccess } from '../sources/sheet/sheet-access.ts';
import { createProviders, type ProvidersDeps } from '../providers/providers.ts';
import { openWorkRoot } from '../providers/process/work-root.ts';
import type { Storage } from '../storage/storage.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { createTemporalClient } from './client.ts';
import { logTemporal } from './runtime-log.ts';
import { scheduleMaintenance } from './schedule-maintenance.ts';

export interface WorkerDeps {
  config: Pick<
    Config,
    | 'temporal'
    | 'workerQueues'
    | 'dataDir'
    | 'jobWindow'
    | 'limits'
    | 'exportTtlMs'
    | 'maxExportBytes'
    | 'secret'
    | 'uploadTtlMs'
    | 'jobTtlMs'
    | 'itemTtlMs'
    | 'maxUploadBytes'
    | 'fetch'
    | 'google'
  >;
  database: Database;
  storage: Storage;
  destinations: DestinationAccess;
  /** Finds what makes media on this machine; asked when it is first needed. */
  findMediaPrograms: ProvidersDeps['findMediaPrograms'];
  log: Logger;
  metrics?: Metrics;
  tracing?: Tracing | null;
  /** A bundle that was made before; without it the workflows are bundled now, which takes some seconds. */
  workflowBundlePath?: string;
  /** Other limits than the usual ones, to see with few chunks what happens with many. */
  plan?: Partial<PlanLimits>;
}

export interface RunningWorker {
  /** Settles when the worker has stopped; rejects when it broke. */
  finished: Promise<void>;
  /** Hands back what is running and stops. */
  stop(): Promise<void>;
}

const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));

const timing = {
  // Cancellation and liveness travel with heartbeats: the default would hold them back for 8 of 10 seconds.
  maxHeartbeatThrottleInterval: '1 s',
  defaultHeartbeatThrottleInterval: '1 s',
  // After a kill the sticky queue of the dead worker holds its workflows up for this long.
  stickyQueueScheduleToStartTimeout: '2 s',
  shutdownGraceTime: '5 s',
  shutdownForceTime: '15 s',
} as const;

/** Runs chunks and workflows until it is stopped. Waits for Temporal as long as it takes. */
export async function startWorker({
  config,
  database,
  storage,
  destinations,
  findMediaPrograms,
  log,
  metrics = noMetrics,
  tracing = null,
  workflowBundlePath,
  plan,
}: WorkerDeps): Promise<RunningWorker> {
  logTemporal(log);
  const connection = await connect(config.temporal.address, log);
  const temporal = createTemporalClient({ config, log, plugin: tracing?.temporalPlugin });
  const line = createLine({ database, limits: config.limits });
  const workRoot = await openWorkRoot(join(config.dataDir, 'work'));
  const jobWatch = createJobWatch({ database, log });
  const rateLimiter = createRateLimiter({ database, log });
  const activities = createActivities({
    database,
    storage,
    destinations,
    providers: createProviders({ findMediaPrograms }),
    workRoot,
    jobWatch,
    line,
    workflows: temporal.workflows,
    rateLimiter,
    sheets: createSheetAccess({ database, config, rateLimiter }),
    log,
    metrics,
    config,
    exportTtlMs: config.exportTtlMs,
    maxExportBytes: config.maxExportBytes,
    urlAccess: { ...config.fetch, maxBytes: config.maxUploadBytes },
    plan: { ...defaultPlanLimits, window: config.jobWindow, ...plan },
  });
  const workers = await Promise.all(
    workerKinds
      .filter((kind) => config.workerQueues[kind] !== undefined)
      .map((kind) =>
        Worker.create({
          connection,
          namespace: config.temporal.namespace,
          taskQueue: taskQueueOf(config.temporal.taskQueue, kind),
          // Only the usual queue has workflows.
          ...(kind === 'DEFAULT' &&
            (workflowBundlePath ? { workflowBundle: { codePath: workflowBundlePath } } : { workflowsPath })),
          activities,
          plugins: tracing ? [tracing.temporalPlugin] : [],
          maxConcurrentActivityTaskExecutions: config.workerQueues[kind],
          ...timing,
        }),
      ),
  );
  const reconciler = startReconciler({ database, workflows: temporal.workflows, line, log });
  const stopping = new AbortController();
  const scheduled = scheduleMaintenance({
    client: temporal.client,
    taskQueue: config.temporal.taskQueue,
    log,
    signal: stopping.signal,
  });
  const finished = run();

  function shutDown(): void {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  }

  async function run(): Promise<void> {
    try {
      // One that breaks takes the others along: half a worker would go unnoticed.
      const ends = await Promise.allSettled(workers.map((worker) => worker.run().finally(shutDown)));
      for (const end of ends) if (end.status === 'rejected') throw toError(end.reason);
    } finally {
      stopping.abort();
      await reconciler.stop();
      await scheduled;
      jobWatch.close();
      await workRoot.close();
      await temporal.close();
      await connection.close();
    }
  }

  return {
    finished,
    stop: async () => {
      shutDown();
      await finished;
    },
  };
}

async function connect(address: string, log: Logger): Promise<NativeConnection> {
  for (;;) {
    try {
      return await NativeConnection.connect({ address });
    } catch (thrown) {
      const error = toError(thrown);
      log.warn({ event: 'temporal_unreachable', address, err: error.message });
      await delay(1_000);
    }
  }
}
