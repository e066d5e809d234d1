import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sendSignal } from './processes.ts';
import { startManagedProcess, type ManagedProcessOptions } from './managed-process.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhaul-managed-'));
});
afterEach(() => rm(folder, { recursive: true }));

function optionsFor(script: string, onLog: (message: string) => void = () => undefined): ManagedProcessOptions {
  const logFile = join(folder, 'child.log');
  return {
    name: 'The child',
    log: { info: onLog, warn: onLog },
    logFile,
    launch: () => {
      const output = openSync(logFile, 'a');
      const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', output, output, 'ipc'] });
      closeSync(output);
      return child;
    },
    ready: async (signal, child) => {
      await once(child, 'message', { signal });
    },
    readyTimeoutMs: 30_000,
    stopSignal: 'SIGTERM',
    killSignal: 'SIGKILL',
    graceMs: 10_000,
    attempts: 1,
  };
}

const serving = 'process.send("ready"); setInterval(() => undefined, 1000);';

test('a process that dies is started again, and stays away once it is stopped', async () => {
  const messages: string[] = [];
  const { promise: again, resolve } = Promise.withResolvers<void>();
  const managed = await startManagedProcess(
    optionsFor(serving, (message) => {
      messages.push(message);
      if (message.includes('runs again')) resolve();
    }),
  );
  const first = managed.pid();
  sendSignal(first ?? 0, 'SIGKILL');
  await again;
  expect(managed.pid()).not.toBe(first);
  await managed.stop();
  expect(() => process.kill(managed.pid() ?? 0, 0)).toThrow('ESRCH');
  expect(messages).toEqual(['The child ended (SIGKILL); starting it again.', 'The child runs again.']);
});

test('a process that does not listen to the stop signal is killed after its grace', async () => {
  const managed = await startManagedProcess({
    ...optionsFor(`process.on('SIGTERM', () => undefined); ${serving}`),
    graceMs: 50,
  });
  await managed.stop();
  expect(() => process.kill(managed.pid() ?? 0, 0)).toThrow('ESRCH');
});

test('a process that does not start is reported with the end of its log', async () => {
  const starting = startManagedProcess({
    ...optionsFor('console.log("the port is taken"); process.exit(3)'),
    attempts: 2,
  });
  await expect(starting).rejects.toThrow(
    `The child does not start: it ended at once (exit code 3)\nThe end of ${join(folder, 'child.log')}:\n  the port is taken\n  the port is taken`,
  );
});

test('a program that is not there is reported by name', async () => {
  const starting = startManagedProcess({
    ...optionsFor(''),
    launch: () => spawn(join(folder, 'nothing'), { stdio: 'ignore' }),
  });
  await expect(starting).rejects.toThrow(
    `The child does not start: it ended at once (spawn ${join(folder, 'nothing')} ENOENT)`,
  );
});
