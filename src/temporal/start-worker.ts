import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createActivities } from '../activities/create-activities.ts';
import { createJobWatch } from '../activities/job-watch.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { toError } from '../domain/errors.ts';
import { defaultPlanLimits, type PlanLimits } from '../domain/partitions.ts';
import { createLine } from '../jobs/line.ts';
import { startReconciler } from '../jobs/reconcile.ts';
import { createRateLimiter } from '../limits/rate-limiter.ts';
import { noMetrics, type Metrics } from '../metrics/metrics.ts';
import type { Storage } from '../storage/storage.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { createTemporalClient } from './client.ts';
import { deploymentOptions, keepBuild } from './keep-build.ts';
import { logTemporal } from './runtime-log.ts';
import { scheduleMaintenance } from './schedule-maintenance.ts';

export interface WorkerDeps {
  config: Pick<
    Config,
    | 'temporal'
    | 'workerConcurrency'
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
  >;
  database: Database;
  storage: Storage;
  log: Logger;
  metrics?: Metrics;
  tracing?: Tracing | null;
  /** A bundle that was made before; without it the workflows are bundled now, which takes some seconds. */
  workflowBundlePath?: string;
  /** Names the code: jobs stay with the build that they began on while it has workers. Without it they go to any worker. */
  build?: string;
  /** Ends the wait for Temporal. */
  signal?: AbortSignal;
  /** Other limits than the usual ones, to see with few chunks what happens with many. */
  plan?: Partial<PlanLimits>;
}

export interface RunningWorker {
  /** Settles when the worker has stopped; rejects when it broke. */
  finished: Promise<void>;
  /**
   * Hands back what is running and stops. What has not come back after 15 s, as when Temporal or Postgres is away, is left to
   * its heartbeat: another worker goes on with it.
   */
  stop(): Promise<void>;
}

const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));

/**
 * Runs chunks and workflows until it is stopped. Waits for Temporal as long as it takes.
 * @throws the reason of `signal` when that aborts first
 */
export async function startWorker({
  config,
  database,
  storage,
  log,
  metrics = noMetrics,
  tracing = null,
  workflowBundlePath,
  build,
  signal,
  plan,
}: WorkerDeps): Promise<RunningWorker> {
  logTemporal(log);
  const { address, namespace, taskQueue } = config.temporal;
  const connection = await connect(address, log, signal);
  const temporal = createTemporalClient({ config, log, plugin: tracing?.temporalPlugin });
  const line = createLine({ database, limits: config.limits });
  const jobWatch = createJobWatch({ database, log });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    ...(workflowBundlePath ? { workflowBundle: { codePath: workflowBundlePath } } : { workflowsPath }),
    activities: createActivities({
      database,
      storage,
      jobWatch,
      line,
      workflows: temporal.workflows,
      rateLimiter: createRateLimiter({ database, log }),
      log,
      metrics,
      config,
      exportTtlMs: config.exportTtlMs,
      maxExportBytes: config.maxExportBytes,
      urlAccess: { ...config.fetch, maxBytes: config.maxUploadBytes },
      plan: { ...defaultPlanLimits, window: config.jobWindow, ...plan },
    }),
    plugins: tracing ? [tracing.temporalPlugin] : [],
    workerDeploymentOptions: build === undefined ? undefined : deploymentOptions({ taskQueue, build }),
    // A workflow holds nothing that the database does not: rather than stand still over a history that the code does not fit
    // any more it ends, and the reconciler starts it anew.
    workflowFailureErrorTypes: { '*': ['NondeterminismError'] },
    maxConcurrentActivityTaskExecutions: config.workerConcurrency,
    // Cancellation and liveness travel with heartbeats: the default would hold them back for 8 of 10 seconds.
    maxHeartbeatThrottleInterval: '1 s',
    defaultHeartbeatThrottleInterval: '1 s',
    // After a kill the sticky queue of the dead worker holds its workflows up for this long.
    stickyQueueScheduleToStartTimeout: '2 s',
    shutdownGraceTime: '5 s',
    shutdownForceTime: '15 s',
  });
  const reconciler = startReconciler({ database, workflows: temporal.workflows, line, log });
  const stopping = new AbortController();
  const scheduled = scheduleMaintenance({
    client: temporal.client,
    taskQueue,
    log,
    signal: stopping.signal,
  });
  const kept = build === undefined ? null : keepBuild({ client: temporal.client, database, taskQueue, build, log });
  const finished = run();

  async function run(): Promise<void> {
    try {
      await worker.run();
    } catch (thrown) {
      if (!stopping.signal.aborted) throw thrown;
      // The SDK says that its worker is still in use: it waits for a Temporal or a Postgres that does not answer.
      log.warn({ event: 'worker_cut_off', err: toError(thrown) });
    } finally {
      stopping.abort();
      await reconciler.stop();
      await scheduled;
      await kept?.stop();
      jobWatch.close();
      await temporal.close();
      await connection.close().catch((thrown: unknown) => {
        log.warn({ event: 'connection_not_closed', err: toError(thrown) });
      });
    }
  }

  return {
    finished,
    stop: async () => {
      stopping.abort();
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await finished;
    },
  };
}

async function connect(address: string, log: Logger, signal?: AbortSignal): Promise<NativeConnection> {
  for (;;) {
    try {
      return await NativeConnection.connect({ address });
    } catch (thrown) {
      const error = toError(thrown);
      log.warn({ event: 'temporal_unreachable', address, err: error.message });
      await delay(1_000, undefined, { signal });
    }
  }
}
