import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../src/cli/quickstart/random.ts';
import { isOutage } from '../../src/database/is-outage.ts';
import { toError } from '../../src/domain/errors.ts';
import { sendSignal } from '../../src/embedded/processes.ts';
import type { FaultProxy } from './fault-proxy.ts';
import type { KeptProcess } from './kept-process.ts';
import type { Scene } from './scene.ts';

export interface Fault {
  name: string;
  /** What it befalls: two faults never befall the same at the same time. */
  target: string;
  /** Breaks something, and mends it. */
  strike(random: Random): Promise<void>;
}

/** Longer than the 10 s without a heartbeat after which Temporal gives a chunk to another attempt. */
const pastHeartbeatMs = 12_000;

/** Every fault that there is, each once. */
export function listFaults(scene: Scene): Fault[] {
  const { networks, api, workers, embedded } = scene;
  return [
    ...[...workers, api].flatMap(processFaults),
    ...workers.map(frozen),
    ...networkFaults('clients', networks.clients, 4_000),
    ...networkFaults('Postgres', networks.postgres, 4_000),
    // So long that every activity is taken for dead, and runs twice.
    ...networkFaults('Temporal', networks.temporal, pastHeartbeatMs),
    killedServer('Postgres', () => embedded.pids().postgres),
    killedServer('Temporal', () => embedded.pids().temporal),
    slowDisk(scene),
  ];
}

function processFaults(target: KeptProcess): Fault[] {
  const restart = async (random: Random) => {
    await delay(random.below(2_000));
    target.start();
  };
  return [
    {
      name: `${target.name} is killed`,
      target: target.name,
      strike: async (random) => {
        await target.kill9();
        await restart(random);
      },
    },
    {
      name: `${target.name} is asked to stop`,
      target: target.name,
      strike: async (random) => {
        await target.stop();
        await restart(random);
      },
    },
  ];
}

/** It wakes with commits at hand for chunks that belong to another attempt by then. */
function frozen(worker: KeptProcess): Fault {
  return {
    name: `${worker.name} is frozen past its heartbeat`,
    target: worker.name,
    strike: async (random) => {
      worker.freeze();
      await delay(pastHeartbeatMs + random.below(3_000));
      worker.thaw();
    },
  };
}

function networkFaults(name: string, network: FaultProxy, holdMs: number): Fault[] {
  const target = `network to ${name}`;
  const forAWhile = async (mend: () => void, ms: number) => {
    await delay(ms);
    mend();
  };
  return [
    {
      name: `connections to ${name} are cut, again and again`,
      target,
      strike: async (random) => {
        for (let left = 3 + random.below(5); left > 0; left -= 1) {
          network.cut();
          await delay(random.below(600));
        }
      },
    },
    {
      name: `packets to and from ${name} are late`,
      target,
      strike: (random) => forAWhile(network.slowDown(5 + random.below(80)), 2_000 + random.below(3_000)),
    },
    {
      name: `packets to and from ${name} are held`,
      target,
      strike: (random) => forAWhile(network.hold(), holdMs / 2 + random.below(holdMs)),
    },
  ];
}

/** Longhaul's own supervisor starts it again. */
function killedServer(name: string, pid: () => number | undefined): Fault {
  return {
    name: `${name} is killed`,
    target: name,
    strike: async () => {
      const victim = pid();
      if (victim !== undefined) sendSignal(victim, 'SIGKILL');
    },
  };
}

/** Before Postgres flushes what commits, it sleeps: the most that it can be told to, a tenth of a second. */
function slowDisk({ database }: Scene): Fault {
  const setting = async (value: string) => {
    try {
      await database.pool.query(`alter system ${value}`);
      await database.pool.query('select pg_reload_conf()');
    } catch (thrown) {
      const error = toError(thrown);
      if (!isOutage(error)) throw error;
      // Its file of settings outlives it; the next try finds it up.
      await delay(500);
      await setting(value);
    }
  };
  return {
    name: 'the disk of Postgres is slow',
    target: 'disk',
    strike: async (random) => {
      await setting('set commit_siblings = 0');
      await setting('set commit_delay = 100000');
      await delay(3_000 + random.below(4_000));
      await setting('reset commit_delay');
    },
  };
}
