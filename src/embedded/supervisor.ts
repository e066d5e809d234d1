import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateApiKey } from '../access/api-key.ts';
import { installKey } from '../access/install-key.ts';
import { environmentWith } from '../config/environment.ts';
import { readConfig, type Config } from '../config.ts';
import { openDatabase } from '../database/database.ts';
import { migrate } from '../database/migrations.ts';
import { isPortFree } from './ports.ts';
import { keepSecret } from './keep-secret.ts';
import { startManagedProcess, type Log, type ManagedProcess } from './managed-process.ts';
import { endProcesses } from './processes.ts';
import { SetupError } from './setup-error.ts';
import { startEmbedded, type Embedded } from './start-embedded.ts';

export interface LocalServer {
  config: Config;
  apiKey: string;
  temporalUiUrl: string;
  /** API, workers, Temporal, Postgres, in this order; workers finish what they commit. */
  stop(): Promise<void>;
  /** Ends everything without waiting. */
  kill(): void;
}

/** The whole of Longhaul on this machine, each part a process that is started again when it dies. @throws SetupError */
export async function startLocalServer(settings: {
  dataDir: string;
  host: string;
  port: number;
  log: Log;
}): Promise<LocalServer> {
  const { dataDir, host, port, log } = settings;
  const embedded = await startEmbedded({
    dataDir,
    log,
    beforeStart: async (folder) => {
      for (const command of commands) await endProcesses(toMark(command, folder), 'SIGTERM', 3000);
      if (await isPortFree(port, host)) return;
      throw new SetupError(
        `Port ${port} is taken by another program.\nStop that one, or choose another port: LONGHAUL_PORT=${port + 1}.`,
      );
    },
  });
  const started: ManagedProcess[] = [];
  try {
    const environment = await prepareEnvironment(embedded);
    const config = readConfig(environment);
    const apiKey = await keepSecret(join(config.dataDir, 'api-key'), generateApiKey);
    await prepareDatabase(config, apiKey);
    for (const command of commands)
      started.push(await startCommand(command, { environment, dataDir: config.dataDir, log }));
    return { config, apiKey, temporalUiUrl: embedded.temporalUiUrl, stop, kill };
  } catch (error) {
    await stop();
    throw error;
  }

  async function stop(): Promise<void> {
    for (const part of started.toReversed()) await part.stop();
    await embedded.stop();
  }

  function kill(): void {
    for (const part of started) part.kill();
    embedded.kill();
  }
}

async function prepareEnvironment(embedded: Embedded) {
  const { dataDir } = embedded;
  return environmentWith({
    LONGHAUL_DATA_DIR: dataDir,
    LONGHAUL_DATABASE_URL: embedded.databaseUrl,
    LONGHAUL_TEMPORAL_ADDRESS: embedded.temporalAddress,
    LONGHAUL_TEMPORAL_NAMESPACE: 'default',
    LONGHAUL_SECRET: await keepSecret(join(dataDir, 'secret'), () => randomBytes(32).toString('base64url')),
  });
}

async function prepareDatabase(config: Config, key: string): Promise<void> {
  const database = await openDatabase(config.databaseUrl, 2);
  try {
    await migrate(database);
    await installKey(database, { projectName: 'Local', key });
  } finally {
    await database.close();
  }
}

/** In the order of their start. */
const commands = ['worker', 'api'] as const;
type PartCommand = (typeof commands)[number];

/** By its last argument a part is known as one of this data folder, should it outlive its parent. */
const toMark = (command: PartCommand, dataDir: string) => ({
  program: basename(process.execPath),
  argument: `${command} --part-of ${dataDir}`,
});

const cli = fileURLToPath(new URL('../cli/longhaul.ts', import.meta.url));

/** `longhaul api` or `longhaul worker` as a process that says by a message when it serves, and ends when this one does. */
function startCommand(
  command: PartCommand,
  options: { environment: Record<string, string | undefined>; dataDir: string; log: Log },
): Promise<ManagedProcess> {
  const logFile = join(options.dataDir, 'logs', `${command}.log`);
  return startManagedProcess({
    name: command === 'api' ? 'The API' : 'The worker',
    log: options.log,
    logFile,
    launch: () => {
      const output = openSync(logFile, 'a');
      const child = spawn(process.execPath, [cli, command, '--part-of', options.dataDir], {
        env: options.environment,
        stdio: ['ignore', output, output, 'ipc'],
        // Ctrl-C in the terminal reaches this process only, which stops its parts in order.
        detached: true,
      });
      closeSync(output);
      return child;
    },
    ready: (signal, child) =>
      new Promise((resolve, reject) => {
        child.once('message', () => resolve());
        signal.addEventListener('abort', () => reject(new Error('it did not serve in time')), { once: true });
      }),
    readyTimeoutMs: 120_000,
    stopSignal: 'SIGTERM',
    killSignal: 'SIGKILL',
    graceMs: 30_000,
    attempts: 2,
  });
}
