import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { toError } from '../domain/errors.ts';
import { SetupError } from './setup-error.ts';

export interface Log {
  info(message: string): void;
  warn(message: string): void;
}

export interface ManagedProcessOptions {
  name: string;
  log: Log;
  /** Where its output goes; its end is quoted when it does not start. */
  logFile: string;
  /** Runs before every start: clears what an earlier one left. */
  prepare?(): Promise<void>;
  launch(): ChildProcess;
  /** Settles when the process serves; gives up when `signal` aborts. */
  ready(signal: AbortSignal, child: ChildProcess): Promise<void>;
  readyTimeoutMs: number;
  stopSignal: NodeJS.Signals;
  /** For the second Ctrl-C: ends at once, but with everything it started itself. */
  killSignal: NodeJS.Signals;
  /** Time between `stopSignal` and SIGKILL. */
  graceMs: number;
  /** Starts that may fail before the first one succeeds. */
  attempts: number;
}

/** A process that is started again whenever it ends, until it is stopped. */
export interface ManagedProcess {
  pid(): number | undefined;
  stop(): Promise<void>;
  /** Ends it without waiting. */
  kill(): void;
}

/** Settles when the process serves. @throws SetupError, with the end of its log, when it does not start. */
export async function startManagedProcess(options: ManagedProcessOptions): Promise<ManagedProcess> {
  const stopping = new AbortController();
  let current = await startFirst(options, stopping.signal);

  const watching = keepRunning();
  return { pid: () => current.child.pid, stop, kill };

  async function keepRunning(): Promise<void> {
    for (;;) {
      const startedAt = Date.now();
      const end = await current.ended;
      if (stopping.signal.aborted) return;
      options.log.warn(`${options.name} ended (${end}); starting it again.`);
      let failures = Date.now() - startedAt < stableAfterMs ? 1 : 0;
      for (let running = false; !running;) {
        await pause(failures, stopping.signal);
        if (stopping.signal.aborted) return;
        try {
          current = await startOnce(options, stopping.signal);
          running = true;
          options.log.info(`${options.name} runs again.`);
        } catch (error) {
          failures += 1;
          if (!stopping.signal.aborted)
            options.log.warn(`${options.name} did not start again: ${toError(error).message}`);
        }
      }
    }
  }

  async function stop(): Promise<void> {
    stopping.abort();
    current.child.kill(options.stopSignal);
    const timer = setTimeout(() => current.child.kill('SIGKILL'), options.graceMs);
    try {
      await Promise.all([current.ended, watching]);
    } finally {
      clearTimeout(timer);
    }
  }

  function kill(): void {
    stopping.abort();
    current.child.kill(options.killSignal);
  }
}

/** A process that ran this long is not in a crash loop. */
const stableAfterMs = 60_000;

interface Started {
  child: ChildProcess;
  /** How it ended, in words. Never rejects. */
  ended: Promise<string>;
}

async function startFirst(options: ManagedProcessOptions, signal: AbortSignal): Promise<Started> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options, signal);
    } catch (error) {
      if (attempt < options.attempts && !(error instanceof SetupError)) {
        await pause(attempt, signal);
        continue;
      }
      if (error instanceof SetupError) throw error;
      throw new SetupError(
        `${options.name} does not start: ${toError(error).message}${await quoteLog(options.logFile)}`,
        { cause: error },
      );
    }
  }
}

async function startOnce(options: ManagedProcessOptions, signal: AbortSignal): Promise<Started> {
  await options.prepare?.();
  const child = options.launch();
  endWithParent(child, options.stopSignal);
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, endSignal) => resolve(endSignal ?? `exit code ${code}`));
    child.once('error', (error) => resolve(error.message));
  });
  const giveUp = new AbortController();
  const waiting = AbortSignal.any([giveUp.signal, signal, AbortSignal.timeout(options.readyTimeoutMs)]);
  try {
    await Promise.race([
      options.ready(waiting, child),
      ended.then((end) => {
        throw new Error(`it ended at once (${end})`);
      }),
    ]);
    return { child, ended };
  } catch (error) {
    child.kill(options.killSignal);
    await ended;
    throw error;
  } finally {
    giveUp.abort();
  }
}

/**
 * When this process is killed it cannot stop its children; a shell that waits on a pipe from it does. Where there is no
 * shell, the next start ends what was left.
 */
function endWithParent(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || process.platform === 'win32') return;
  const script = 'read -r _; kill -s "$0" "$1"';
  const guard = spawn('/bin/sh', ['-c', script, signal.slice(3), String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => undefined);
  child.once('exit', () => guard.kill('SIGKILL'));
}

async function pause(failures: number, signal: AbortSignal): Promise<void> {
  if (failures === 0) return;
  await delay(Math.min(10_000, 250 * 2 ** (failures - 1)), undefined, { signal }).catch(() => undefined);
}

async function quoteLog(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  // Stack frames would push the message itself out of sight.
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line));
  const end = lines.slice(-5).map((line) => `  ${line.slice(0, 300)}`);
  return end.length === 0 ? '' : `\nThe end of ${path}:\n${end.join('\n')}`;
}
