import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installKey } from '../../src/access/install-key.ts';
import { openDatabase, type Database } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrations.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import { startEmbedded, type Embedded } from '../../src/embedded/start-embedded.ts';
import { environmentOf, launchApi, launchProgram } from '../support/processes.ts';
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { keepProcess, type KeptProcess } from './kept-process.ts';
import type { Report } from './report.ts';

/** A whole installation, each part a process of its own, and a network between them that can be bad. */
export interface Scene {
  /** Http://…, through the network. */
  url: string;
  apiKey: string;
  /** Past the network: for those who watch. */
  database: Database;
  embedded: Embedded;
  networks: { postgres: FaultProxy; temporal: FaultProxy; clients: FaultProxy };
  api: KeptProcess;
  workers: readonly [KeptProcess, KeptProcess];
  close(): Promise<void>;
}

const apiKey = `lh_chaoschaosch_${'c'.repeat(43)}`;
const workerProgram = fileURLToPath(new URL('./small-plan-worker.ts', import.meta.url));

/** Jobs of one key that may run at a time; the others wait in line. */
export const runningJobs = 4;

export async function openScene(report: Report): Promise<Scene> {
  const dataDir = await mkdtemp(join(tmpdir(), 'longhaul-chaos-'));
  const log = { info: () => undefined, warn: () => undefined };
  const embedded = await startEmbedded({ dataDir, log, ports: { postgres: 0, temporal: 0, temporalUi: 0 } });
  const database = await openDatabase(embedded.databaseUrl, 4);
  await migrate(database);
  await installKey(database, { projectName: 'Chaos', key: apiKey });

  const apiPort = await pickPort(0);
  const networks = {
    postgres: await startFaultProxy(Number(new URL(embedded.databaseUrl).port)),
    temporal: await startFaultProxy(Number(embedded.temporalAddress.split(':')[1])),
    clients: await startFaultProxy(apiPort),
  };
  const url = `http://127.0.0.1:${networks.clients.port}`;
  const surroundings = {
    databaseUrl: Object.assign(new URL(embedded.databaseUrl), { port: String(networks.postgres.port) }).href,
    temporalAddress: `127.0.0.1:${networks.temporal.port}`,
    taskQueue: 'chaos',
    dataDir,
    env: {
      LONGHAUL_PUBLIC_URL: url,
      LONGHAUL_LIMITS: `runningJobsPerUser=${runningJobs}`,
      LONGHAUL_LOG_LEVEL: 'warn',
    },
  };
  const worker = (name: string) =>
    keepProcess(name, () => launchProgram([process.execPath, workerProgram], environmentOf(surroundings)), report);
  const workers = [worker('worker 1'), worker('worker 2')] as const;
  const api = keepProcess('the API', () => launchApi(surroundings, apiPort), report);
  return {
    url,
    apiKey,
    database,
    embedded,
    networks,
    api,
    workers,
    close: async () => {
      await Promise.all([api, ...workers].map((each) => each.kill9()));
      await Promise.all(Object.values(networks).map((network) => network.close()));
      await database.close();
      await embedded.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
