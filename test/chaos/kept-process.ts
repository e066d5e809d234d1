import { setTimeout as delay } from 'node:timers/promises';
import { sendSignal } from '../../src/embedded/processes.ts';
import type { Launched } from '../support/processes.ts';
import type { Report } from './report.ts';

/** A process that faults befall, and that is started again each time. */
export interface KeptProcess {
  name: string;
  /** SIGKILL. It stays away until `start`. */
  kill9(): Promise<void>;
  /** SIGTERM, as an operator would; that it does not end with 0 is a violation. It stays away until `start`. */
  stop(): Promise<void>;
  start(): void;
  /** SIGSTOP: it loses its time without knowing. */
  freeze(): void;
  thaw(): void;
}

/** More than any part gives itself, on a machine that is busy. */
const stopWithinMs = 60_000;

/** Starts it. That it ends by itself is a violation; it is then started again, as whatever runs it in production would do. */
export function keepProcess(name: string, launch: () => Launched, report: Report): KeptProcess {
  let current: Launched | null = null;

  function start(): void {
    if (current !== null) return;
    const started = launch();
    current = started;
    void started.ended().then((code) => {
      if (current !== started) return;
      report(`${name} ended by itself with ${code}:\n${endOf(started)}`);
      current = null;
      start();
    });
  }

  function leave(): Launched | null {
    const left = current;
    current = null;
    return left;
  }

  start();
  return {
    name,
    start,
    kill9: async () => {
      await leave()?.kill9();
    },
    stop: async () => {
      const left = leave();
      if (left === null) return;
      sendSignal(left.pid, 'SIGTERM');
      const timer = new AbortController();
      const late = delay(stopWithinMs, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
      const code = await Promise.race([left.ended(), late]);
      timer.abort();
      await left.kill9();
      if (code === 'late')
        return report(`${name} was asked to stop and was there after ${stopWithinMs} ms:\n${endOf(left)}`);
      // In its first moments, before it listens, the signal itself ends it.
      if (code !== 0 && code !== null) report(`${name} was asked to stop and ended with ${code}:\n${endOf(left)}`);
    },
    freeze: () => void (current && sendSignal(current.pid, 'SIGSTOP')),
    thaw: () => void (current && sendSignal(current.pid, 'SIGCONT')),
  };
}

function endOf(process: Launched): string {
  return process.output().slice(-1_500);
}
