import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createActivities } from '../activities/create-activities.ts';
import { createJobWatch } from '../activities/job-watch.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import type { DestinationAccess } from '../destinations/destinations.ts';
import { toError } from '../domain/errors.ts';
import { defaultPlanLimits, type PlanLimits } from '../domain/partitions.ts';
import { mostEncodings } from '../domain/worker-kind.ts';
import { createLine } from '../jobs/line.ts';
import { startReconciler } from '../jobs/reconcile.ts';
import { createRateLimiter } from '../limits/rate-limiter.ts';
import { noMetrics, type Metrics } from '../metrics/metrics.ts';
import { createFileStores } from '../item-files/file-stores.ts';
import { createItemFiles } from '../item-files/item-files.ts';
import { createProviders, type ProvidersDeps } from '../providers/providers.ts';
import { openWorkRoot } from '../providers/process/work-root.ts';
import { createSheetAccess } from '../sources/sheet/sheet-access.ts';
import type { Storage } from '../storage/storage.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { createTemporalClient } from './client.ts';
import { createWorkers } from './create-workers.ts';
import { keepBuild } from './keep-build.ts';
import { logTemporal } from './runtime-log.ts';
import { scheduleMaintenance } from './schedule-maintenance.ts';

export interface WorkerDeps {
  config: Pick<
    Config,
    | 'temporal'
    | 'workerQueues'
    | 'dataDir'
    | 'speech'
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
    | 'publicUrl'
  >;
  database: Database;
  storage: Storage;
  /** Finds what makes media on this machine; asked when it is first needed. */
  findMediaPrograms: ProvidersDeps['findMediaPrograms'];
  destinations: DestinationAccess;
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

/**
 * Runs chunks and workflows until it is stopped. Waits for Temporal as long as it takes.
 * @throws the reason of `signal` when that aborts first
 */
export async function startWorker({
  config,
  database,
  storage,
  findMediaPrograms,
  destinations,
  log,
  metrics = noMetrics,
  tracing = null,
  workflowBundlePath,
  build,
  signal,
  plan,
}: WorkerDeps): Promise<RunningWorker> {
  logTemporal(log);
  const { address, taskQueue } = config.temporal;
  const connection = await connect(address, log, signal);
  const temporal = createTemporalClient({ config, log, plugin: tracing?.temporalPlugin });
  const line = createLine({ database, limits: config.limits });
  const workRoot = await openWorkRoot(join(config.dataDir, 'work'));
  const jobWatch = createJobWatch({ database, log });
  const rateLimiter = createRateLimiter({ database, log });
  const stores = createFileStores({ storage, destinations, log });
  const activities = createActivities({
    database,
    storage,
    stores,
    itemFiles: createItemFiles({ database, stores, config }),
    providers: createProviders({
      speech: config.speech,
      encodings: mostEncodings(config.workerQueues),
      findMediaPrograms,
    }),
    workRoot,
    destinations,
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
  const workers = await createWorkers({ connection, config, activities, tracing, workflowBundlePath, build });
  const reconciler = startReconciler({ database, workflows: temporal.workflows, line, log });
  const stopping = new AbortController();
  const scheduled = scheduleMaintenance({
    client: temporal.client,
    taskQueue,
    log,
    signal: stopping.signal,
  });
  // Only workers with workflows keep them.
  const isKept = build !== undefined && config.workerQueues.DEFAULT !== undefined;
  const kept = !isKept ? null : keepBuild({ client: temporal.client, database, taskQueue, build, log });
  const finished = run();

  function shutDown(): void {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  }

  async function run(): Promise<void> {
    try {
      // One that breaks takes the others along: half a worker would go unnoticed.
      const ends = await Promise.allSettled(workers.map((worker) => worker.run().finally(shutDown)));
      for (const end of ends) if (end.status === 'rejected') throw toError(end.reason);
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
      await workRoot.close();
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
      shutDown();
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
