import { Client } from 'pg';
import type { Embedded } from '../src/embedded/start-embedded.ts';
import { runBareLoop } from './bare-loop.ts';
import type { Load } from './contender.ts';
import { itemsPerSecond, median, round, timed } from './figures.ts';
import type { Longhaul } from './longhaul.ts';
import { processorMs } from './processor-time.ts';
import type { Scratch } from './scratch-database.ts';

/** What an item costs; figures that hardly change when others use the machine too. */
export interface Cost {
  name: string;
  itemsPerSecond: number;
  /** Microseconds of processor for each item, by process; null where there is no such process. */
  postgres: number;
  worker: number | null;
  api: number | null;
  temporal: number | null;
  /** All of them, and the client of the bare loop. */
  all: number;
  /** Bytes that Postgres wrote ahead for each item. */
  walBytes: number;
}

interface CostInput {
  embedded: Embedded;
  longhaul: Longhaul;
  scratch: Scratch;
  load: Load;
  rounds: number;
}

/** Processor time and bytes for each item, of Longhaul and of the bare loop, in the median of the rounds. */
export async function measureCost({ embedded, longhaul, scratch, load, rounds }: CostInput): Promise<Cost[]> {
  const { postgres = 0, temporal = 0 } = embedded.pids();
  const server = new Client({ connectionString: embedded.databaseUrl });
  await server.connect();
  const probes = { postgres, temporal, ...longhaul.pids };
  const measured: Record<'Longhaul' | 'bare loop', Cost[]> = { Longhaul: [], 'bare loop': [] };

  async function measure(name: keyof typeof measured, run: () => Promise<number>): Promise<void> {
    await server.query('checkpoint');
    const before = await read();
    const ms = await run();
    const after = await read();
    const isOurs = name === 'Longhaul';
    const micros = (process: keyof typeof probes | 'client') =>
      ((after[process] - before[process]) * 1_000) / load.items;
    const taken = isOurs ? (['postgres', 'temporal', 'worker', 'api'] as const) : (['postgres', 'client'] as const);
    measured[name].push({
      name,
      itemsPerSecond: itemsPerSecond(load.items, ms),
      postgres: micros('postgres'),
      worker: isOurs ? micros('worker') : null,
      api: isOurs ? micros('api') : null,
      temporal: isOurs ? micros('temporal') : null,
      all: taken.reduce((sum, process) => sum + micros(process), 0),
      walBytes: (after.wal - before.wal) / load.items,
    });
  }

  async function read() {
    const { rows } = await server.query<{ wal: number }>(`select (pg_current_wal_lsn() - '0/0')::float8 as wal`);
    const times = await Promise.all(
      Object.entries(probes).map(async ([name, pid]) => [name, await processorMs(pid)] as const),
    );
    const { user, system } = process.cpuUsage();
    const figures = { ...Object.fromEntries(times), client: (user + system) / 1_000, wal: rows[0]?.wal ?? 0 };
    return figures as Record<keyof typeof probes | 'client' | 'wal', number>;
  }

  try {
    for (let index = 0; index < rounds; index += 1) {
      const uploadId = await longhaul.store(load);
      await measure('Longhaul', () => timed(async () => longhaul.finish(await longhaul.submit(uploadId))));
      await scratch.use((url) => measure('bare loop', () => runBareLoop(url, load)));
    }
    return Object.values(measured).map(inTheMedian);
  } finally {
    await server.end();
  }
}

function inTheMedian(costs: Cost[]): Cost {
  const of = (figure: Exclude<keyof Cost, 'name'>) => round(median(costs.map((cost) => cost[figure] ?? Number.NaN)));
  const isOurs = costs[0]?.worker !== null;
  return {
    name: costs[0]?.name ?? '',
    itemsPerSecond: of('itemsPerSecond'),
    postgres: of('postgres'),
    worker: isOurs ? of('worker') : null,
    api: isOurs ? of('api') : null,
    temporal: isOurs ? of('temporal') : null,
    all: of('all'),
    walBytes: of('walBytes'),
  };
}
