import type { TestProject } from 'vitest/node';
import { readProgramPlaces } from '../../src/config/program-places.ts';
import { openDatabase } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrations.ts';
import type { Log } from '../../src/embedded/managed-process.ts';
import { findTemporalTestServer } from '../../src/embedded/temporal-programs.ts';
import { findWorkflowBundle } from '../../src/temporal/workflow-bundle.ts';
import { startTestPostgres, startTestTemporal } from './servers.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A migrated, empty database from which `createTestDatabase` makes copies. Nothing connects to it. */
    templateUrl: string;
    /** host:port of one Temporal server for all tests; each test takes a task queue and ids of its own. */
    temporalAddress: string;
    /** Program of the time-skipping test server. */
    temporalTestServerPath: string;
    /** For `Worker.create({ workflowBundle: { codePath } })`. */
    workflowBundlePath: string;
  }
}

/** Starts once what all tests share, side by side, and stops all of it, also when a part did not start. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const log: Log = {
    info: (message) => project.vitest.logger.log(message),
    warn: (message) => project.vitest.logger.warn(message),
  };
  const started: { stop(): Promise<void> }[] = [];
  const owned = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const server = await starting;
    started.push(server);
    return server;
  };
  const stopAll = async () => {
    const outcomes = await Promise.allSettled(started.map((server) => server.stop()));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  };

  const parts = await Promise.allSettled([
    owned(startTestPostgres(log)).then((postgres) => prepareTemplate(postgres.address)),
    owned(startTestTemporal(log)),
    findWorkflowBundle(readProgramPlaces().cacheDir),
    findTemporalTestServer(log),
  ]);
  const [template, temporal, bundle, testServer] = parts;
  if (
    template.status === 'fulfilled' &&
    temporal.status === 'fulfilled' &&
    bundle.status === 'fulfilled' &&
    testServer.status === 'fulfilled'
  ) {
    project.provide('templateUrl', template.value);
    project.provide('temporalAddress', temporal.value.address);
    project.provide('workflowBundlePath', bundle.value);
    project.provide('temporalTestServerPath', testServer.value);
    return stopAll;
  }
  await stopAll();
  const reasons = parts.flatMap((part) => (part.status === 'rejected' ? [part.reason] : []));
  throw new AggregateError(reasons, `The tests' servers did not start:\n${reasons.map(String).join('\n')}`);
}

async function prepareTemplate(url: string): Promise<string> {
  const database = await openDatabase(url);
  try {
    await migrate(database);
    return url;
  } finally {
    await database.close();
  }
}
