import { Connection } from '@temporalio/client';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pickPort } from '../../src/embedded/ports.ts';
import { waitFor } from './wait-for.ts';

export interface Surroundings {
  databaseUrl: string;
  /** host:port */
  temporalAddress: string;
  /** A queue of its own for each test, so that no other test's worker takes its work. */
  taskQueue: string;
  /** Shared by the processes of one test: uploads and exports lie there. */
  dataDir: string;
  /** Where the code lies. Default: here. */
  codeDir?: string;
  /** Further variables, or other values for those above. */
  env?: Record<string, string>;
}

/** A `longhaul` process under test. `await using` ends it with its test. */
export interface LonghaulProcess extends AsyncDisposable {
  pid: number;
  /** The end of what it wrote to stdout and stderr. */
  output(): string;
  /** SIGKILL: it has no time to clean up. Settles when it is gone. */
  kill9(): Promise<void>;
  /** Sends a signal and waits for nothing. */
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, as an operator would. @throws Error when it does not end with 0. */
  stop(): Promise<void>;
  /** Its exit code, once it has ended by itself; null when a signal ended it. */
  ended(): Promise<number | null>;
}

export interface ApiProcess extends LonghaulProcess {
  /** http://…, without a path. */
  url: string;
}

/** `longhaul api`; settles when it answers that it is ready. `port` keeps the URL over a restart. */
export async function startApi(surroundings: Surroundings, port?: number): Promise<ApiProcess> {
  const taken = port ?? (await pickPort(0));
  const url = `http://127.0.0.1:${taken}`;
  const api = launchApi(surroundings, taken);
  await api.waitUntil('answers at /readyz', () =>
    fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    ),
  );
  return { ...api, url };
}

/** `longhaul worker`; settles when it polls its task queue. */
export async function startWorker(surroundings: Surroundings): Promise<LonghaulProcess> {
  const worker = launch('worker', surroundings);
  const connection = Connection.lazy({ address: surroundings.temporalAddress });
  try {
    await worker.waitUntil('polls its task queue', async () => {
      const { pollers } = await connection.workflowService.describeTaskQueue({
        namespace: 'default',
        taskQueue: { name: surroundings.taskQueue },
        taskQueueType: activityTaskQueue,
      });
      // Its identity begins with its process number: an earlier worker may be listed still.
      return pollers?.some((poller) => poller.identity?.startsWith(`${worker.pid}@`)) ?? false;
    });
    return worker;
  } finally {
    await connection.close();
  }
}

/** temporal.api.enums.v1.TaskQueueType */
const activityTaskQueue = 2;

const here = fileURLToPath(new URL('../..', import.meta.url));
const longestOutput = 20_000;

export type Launched = LonghaulProcess & {
  waitUntil(description: string, probe: () => Promise<boolean>): Promise<void>;
};

/** `longhaul api`, which may not serve yet. */
export function launchApi(surroundings: Surroundings, port: number): Launched {
  return launch('api', { ...surroundings, env: { LONGHAUL_PORT: String(port), ...surroundings.env } });
}

/** `longhaul <command>`, as it is, without waiting for anything. */
export function launch(command: string, surroundings: Surroundings): Launched {
  const { codeDir = here } = surroundings;
  return launchProgram([process.execPath, join(codeDir, 'src/cli/longhaul.ts'), command], environmentOf(surroundings));
}

/** The variables that a process finds its surroundings by. */
export function environmentOf({ databaseUrl, temporalAddress, taskQueue, dataDir, env }: Surroundings) {
  return {
    LONGHAUL_DATABASE_URL: databaseUrl,
    LONGHAUL_TEMPORAL_ADDRESS: temporalAddress,
    LONGHAUL_TASK_QUEUE: taskQueue,
    LONGHAUL_DATA_DIR: dataDir,
    LONGHAUL_SECRET: 'a secret that is known to tests only',
    ...env,
  };
}

/** A program with its arguments, in the folder of the project, with these variables and the machine's own. */
export function launchProgram([path = '', ...args]: readonly string[], env: Record<string, string>): Launched {
  const command = args.at(-1) ?? path;
  // What the machine has set for a Longhaul of its own must not reach the one under test.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(LONGHAUL|OTEL)_/.test(name));
  const child = spawn(path === 'node' ? process.execPath : path, args, {
    cwd: here,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(inherited), ...env },
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`longhaul ${command} cannot be started.`);

  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-longestOutput)));
  }
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals) => {
    if (hasEnded()) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  const stop = async () => {
    await end('SIGTERM');
    if (child.exitCode !== 0) throw new Error(`longhaul ${command} ended with ${child.exitCode}:\n${output}`);
  };
  const waitUntil = async (description: string, probe: () => Promise<boolean>) => {
    try {
      await waitFor(
        () => {
          if (hasEnded()) throw new Error('It has ended.');
          return probe();
        },
        { description: `longhaul ${command} that ${description}`, timeoutMs: 60_000, everyMs: 50 },
      );
    } catch (error) {
      await end('SIGKILL');
      throw new Error(`longhaul ${command} does not start. Its output:\n${output}`, { cause: error });
    }
  };
  const ended = async () => {
    if (!hasEnded()) await once(child, 'exit');
    return child.exitCode;
  };
  const kill9 = () => end('SIGKILL');
  return {
    pid,
    output: () => output,
    signal: (signal) => void child.kill(signal),
    kill9,
    stop,
    waitUntil,
    ended,
    [Symbol.asyncDispose]: kill9,
  };
}
