import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { startManagedProcess, type Log, type ManagedProcess } from './managed-process.ts';
import { endProcesses, type ProcessMark } from './processes.ts';
import { findTemporalCli } from './temporal-programs.ts';

export interface TemporalServer {
  /** Ends a server that a killed parent left on this data. */
  endLeftovers(): Promise<number>;
  start(ports: { temporal: number; temporalUi: number }): Promise<ManagedProcess>;
}

/** Temporal's development server on a file in `dataDir`. Fetches the CLI when it is nowhere. @throws SetupError */
export async function openTemporalServer({ dataDir, log }: { dataDir: string; log: Log }): Promise<TemporalServer> {
  const program = await findTemporalCli(log);
  const file = join(dataDir, 'temporal.db');
  const logFile = join(dataDir, 'logs', 'temporal.log');
  const mark: ProcessMark = { program: 'temporal', argument: `--db-filename ${file}` };
  const endLeftovers = () => endProcesses(mark, 'SIGTERM');

  const start = (ports: { temporal: number; temporalUi: number }): Promise<ManagedProcess> =>
    startManagedProcess({
      name: 'Temporal',
      log,
      logFile,
      prepare: async () => {
        await endLeftovers();
        await removeUnfinished(file);
      },
      launch: () => {
        const output = openSync(logFile, 'a');
        const child = spawn(program, serverArguments(file, ports), {
          stdio: ['ignore', output, output],
          detached: true,
        });
        closeSync(output);
        return child;
      },
      ready: async (signal) => {
        await waitForNamespace(`127.0.0.1:${ports.temporal}`, signal);
        await writeFile(finishedMark(file), '');
      },
      readyTimeoutMs: 120_000,
      stopSignal: 'SIGTERM',
      killSignal: 'SIGKILL',
      graceMs: 15_000,
      attempts: 3,
    });
  return { endLeftovers, start };
}

function serverArguments(file: string, ports: { temporal: number; temporalUi: number }): string[] {
  const pragmas = ['journal_mode=WAL', 'synchronous=1'];
  const dynamicConfig = [
    // Without these two, fairness keys have no effect.
    'matching.useNewMatcher=true',
    'matching.enableFairness=true',
    // Turns are taken within a partition: of several, some wait for seconds until a worker asks there.
    'matching.numTaskqueueReadPartitions=1',
    'matching.numTaskqueueWritePartitions=1',
  ];
  return [
    ...`server start-dev --ip 127.0.0.1 --port ${ports.temporal} --ui-port ${ports.temporalUi}`.split(' '),
    ...'--log-level warn --ui-disable-news-fetch --db-filename'.split(' '),
    file,
    // Three times the activities per second of the default journal (measured), and still whole after kill -9.
    ...pragmas.flatMap((pragma) => ['--sqlite-pragma', pragma]),
    ...dynamicConfig.flatMap((value) => ['--dynamic-config-value', value]),
  ];
}

const finishedMark = (file: string) => `${file}.ready`;

/** The server makes its tables only in a new file: one that was killed before it ever served is started from nothing. */
async function removeUnfinished(file: string): Promise<void> {
  if (existsSync(finishedMark(file))) return;
  for (const part of [file, `${file}-wal`, `${file}-shm`]) await rm(part, { force: true });
}

async function waitForNamespace(address: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const connection = Connection.lazy({ address });
    try {
      await connection.withDeadline(Date.now() + 2000, () =>
        connection.workflowService.describeNamespace({ namespace: 'default' }),
      );
      return;
    } catch (error) {
      if (signal.aborted) throw error;
      await delay(100, undefined, { signal });
    } finally {
      await connection.close();
    }
  }
}
