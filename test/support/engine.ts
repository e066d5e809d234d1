import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { Config } from '../../src/config.ts';
import { JobEntity, type Job } from '../../src/database/entities/job.ts';
import { newId } from '../../src/database/new-id.ts';
import { isConserved, toItemCounts } from '../../src/domain/item-counts.ts';
import { findMediaPrograms } from '../../src/embedded/media-programs.ts';
import type { JobState } from '../../src/domain/job-state.ts';
import { defaultLimits, type Limits } from '../../src/domain/limits.ts';
import type { PlanLimits } from '../../src/domain/partitions.ts';
import type { WorkerQueues } from '../../src/domain/worker-kind.ts';
import type { SubmitJobCommand } from '../../src/jobs/commands.ts';
import { createServices, type Services } from '../../src/services.ts';
import { startWorker } from '../../src/temporal/start-worker.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { createTestProject, type TestViewer } from './project.ts';
import { testSecret } from './secret.ts';
import { waitFor } from './wait-for.ts';

/** All of Longhaul but its HTTP edge, in this process, on a database and a task queue of its own. */
export interface TestEngine {
  config: Config;
  services: Services;
  viewer: TestViewer;
  /** An echo job over `count` items, unless told otherwise. */
  submit(command?: Partial<SubmitJobCommand>, count?: number): Promise<Job>;
  /** The job once it is in one of the states. Fails when an item was lost or counted twice on the way. */
  reach(jobId: string, ...states: JobState[]): Promise<Job>;
  getJob(jobId: string): Promise<Job>;
  /** Runs what goes to any worker, unless `workerQueues` say more. */
  startWorker(plan?: Partial<PlanLimits>, workerQueues?: WorkerQueues): Promise<{ stop(): Promise<void> }>;
  close(): Promise<void>;
}

/** What a test has otherwise than the others. */
export type TestSettings = Partial<
  Pick<Config, 'speech' | 'storageLocation' | 'destinationsDir' | 'gcsEndpoint' | 'google'>
>;

/** @param testDatabase closed with the engine; an empty one of its own unless given */
export async function createTestEngine(
  testDatabase?: TestDatabase,
  limits: Partial<Limits> = {},
  settings: TestSettings = {},
): Promise<TestEngine> {
  const { url, database, close: closeDatabase } = testDatabase ?? (await createTestDatabase());
  const viewer = await createTestProject(database);
  const dataDir = await mkdtemp(join(tmpdir(), 'longhaul-test-'));
  const config = { ...testConfig({ databaseUrl: url, dataDir, limits }), ...settings };
  const services = await createServices(config, { findMediaTools: findMediaPrograms });
  const workers: { stop(): Promise<void> }[] = [];

  const getJob = async (jobId: string): Promise<Job> => {
    const job = await database.em().findOneOrFail(JobEntity, { id: jobId });
    if (!isConserved(job)) throw new Error(`Items of job ${jobId} were lost: ${JSON.stringify(toItemCounts(job))}`);
    return job;
  };

  return {
    config,
    services,
    viewer,
    getJob,
    submit: async (command, count = 10) => {
      const items = Array.from({ length: count }, (_, index) => ({ value: `item ${index}` }));
      const { job } = await services.jobs.submitJob(viewer, {
        ...echoCommand,
        source: { kind: 'inline', items },
        ...command,
      });
      return job;
    },
    reach: (jobId, ...states) =>
      waitFor(
        async () => {
          const job = await getJob(jobId);
          return states.includes(job.state) && job;
        },
        { description: `job ${jobId} to be ${states.join(' or ')}`, timeoutMs: 50_000 },
      ),
    startWorker: async (plan, workerQueues = config.workerQueues) => {
      const { database: own, storage, destinations, log, metrics } = services;
      const worker = await startWorker({
        config: { ...config, workerQueues },
        database: own,
        storage,
        findMediaPrograms: () => findMediaPrograms(log),
        destinations,
        log,
        metrics,
        workflowBundlePath: inject('workflowBundlePath'),
        plan,
      });
      workers.push(worker);
      return worker;
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.stop()));
      await services.close();
      await closeDatabase();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** An echo job over nothing. */
export const echoCommand: SubmitJobCommand = {
  title: 'Echo',
  type: 'echo',
  options: {},
  source: { kind: 'inline', items: [] },
  priority: 'NORMAL',
  chunkPriority: 5,
  chunkSize: null,
  validation: 'MODERATE',
  idempotencyKey: null,
  metadata: {},
  estimatedMinutes: null,
  exports: [],
};

function testConfig({
  databaseUrl,
  dataDir,
  limits,
}: {
  databaseUrl: string;
  dataDir: string;
  limits: Partial<Limits>;
}): Config {
  return {
    host: '127.0.0.1',
    port: 0,
    metricsPort: null,
    publicUrl: 'http://127.0.0.1',
    allowedOrigins: [],
    databaseUrl,
    databaseConnections: 10,
    temporal: { address: inject('temporalAddress'), namespace: 'default', taskQueue: `test-${newId()}` },
    workerQueues: { DEFAULT: 4 },
    jobWindow: 16,
    limits: { ...defaultLimits, runningJobsPerUser: null, ...limits },
    dataDir,
    storageLocation: { kind: 'LOCAL' },
    speech: { kind: 'local' },
    destinationsDir: null,
    gcsEndpoint: null,
    secret: testSecret,
    jwt: null,
    maxUploadBytes: 100 * 2 ** 20,
    uploadTtlMs: 3_600_000,
    fetch: { allowedNetworks: ['127.0.0.0/8'], timeoutMs: 60_000 },
    google: { rootUrl: null, serviceAccount: null, apiKey: null, oauthClient: null },
    exportTtlMs: 3_600_000,
    jobTtlMs: null,
    itemTtlMs: null,
    maxExportBytes: 100 * 2 ** 20,
    tracing: false,
    logLevel: process.env.TEST_LOG_LEVEL ?? 'silent',
  };
}
