import { itemValue } from '../items.ts';

/** What the benchmark tells a peer, as JSON in the first argument. */
export interface PeerTask {
  items: number;
  itemBytes: number;
  /** An empty database on the Postgres that Longhaul uses. */
  databaseUrl: string;
  /** Of an empty Redis; null where there is none. */
  redisPort: number | null;
  /** host:port of the Temporal that Longhaul uses. */
  temporalAddress: string;
}

/** A peer that is ready to take items. */
export interface Peer {
  /** Takes the items in, works them off, and settles when the last result is stored. */
  run(batches: Iterable<PeerItem[]>): Promise<void>;
  /** Results that can be read back now. */
  countResults(): Promise<number>;
  close(): Promise<void>;
}

export interface PeerItem {
  index: number;
  value: string;
}

const batchSize = 1_000;

/** Measures one run and prints it as `{"ms":…}`. @throws Error when an item has no result. */
export async function measure(open: (task: PeerTask) => Promise<Peer>): Promise<void> {
  // The benchmark itself wrote it.
  const task = JSON.parse(process.argv[2] ?? '') as PeerTask;
  const peer = await open(task);
  const startedAt = performance.now();
  await peer.run(batches(task));
  const ms = performance.now() - startedAt;
  const results = await peer.countResults();
  await peer.close();
  if (results !== task.items) throw new Error(`${results} of ${task.items} items have a result.`);
  console.log(JSON.stringify({ ms }));
}

function* batches({ items, itemBytes }: PeerTask): Generator<PeerItem[]> {
  for (let first = 0; first < items; first += batchSize) {
    yield Array.from({ length: Math.min(batchSize, items - first) }, (_, offset) => ({
      index: first + offset,
      value: itemValue(first + offset, itemBytes),
    }));
  }
}

/** Counts items down, wherever they end. */
export function createCountdown(count: number) {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = count;
  return {
    done: promise,
    ended: (items: number) => {
      left -= items;
      if (left <= 0) resolve();
    },
  };
}
