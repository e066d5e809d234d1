// npm run bench [-- <part> …] with parts as below; all of them when none is named.
//   --items <n>, default 100,000: items of a run     --large <n>, default 1,000,000: of the large jobs     --rounds <n>, default 3
// Each part prints a table; the last line is everything as JSON. bench/README.md says what is measured.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { toError } from '../src/domain/errors.ts';
import { startEmbedded } from '../src/embedded/start-embedded.ts';
import { runBareLoop } from './bare-loop.ts';
import { compare } from './compare.ts';
import type { Contender } from './contender.ts';
import { measureCost } from './cost.ts';
import { measureFairness } from './fairness.ts';
import { measureLatency } from './latency.ts';
import { startLonghaul, type Longhaul } from './longhaul.ts';
import { measureMemory } from './measure-memory.ts';
import { createPeers, installPeers } from './peers.ts';
import { measureReads } from './reads.ts';
import { measureRecovery } from './recovery.ts';
import { startRedis } from './redis.ts';
import { measureScale } from './scale.ts';
import { createScratch } from './scratch-database.ts';

const parts: Record<string, () => Promise<unknown>> = {
  peers: comparePeers,
  cost: () => withLonghaul((longhaul) => measureCost({ embedded, longhaul, scratch, load, rounds })),
  memory: () => measureMemory(embedded, [large / 100, large / 10, large].map(Math.ceil)),
  sizes: () => withLonghaul(compareSizes),
  scale: () => withLonghaul((longhaul) => measureScale(longhaul, large, rounds)),
  latency: () => withLonghaul((longhaul) => measureLatency(longhaul, rounds)),
  fairness: () => withLonghaul((longhaul) => measureFairness(longhaul, server, large, rounds)),
  reads: () => withLonghaul((longhaul) => measureReads(longhaul, server, large, rounds)),
  recovery: () => withLonghaul((longhaul) => measureRecovery(longhaul, server, rounds)),
};
const { values, positionals } = parseArgs({
  options: {
    items: { type: 'string', default: '100000' },
    large: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
  },
  allowPositionals: true,
});
const wanted = positionals.length === 0 ? Object.keys(parts) : positionals;
const unknown = wanted.filter((part) => !Object.hasOwn(parts, part));
if (unknown.length > 0) {
  console.error(`There is no part "${unknown.join('", "')}". There are: ${Object.keys(parts).join(', ')}.`);
  process.exit(1);
}
const load = { items: Number(values.items), itemBytes: 0 };
const large = Number(values.large);
const rounds = Number(values.rounds);

const dataDir = await mkdtemp(join(tmpdir(), 'longhaul-bench-'));
const embedded = await startEmbedded({
  dataDir,
  log: { info: () => undefined, warn: console.warn },
  ports: { postgres: 0, temporal: 0, temporalUi: 0 },
});
const scratch = createScratch(embedded.databaseUrl);
const server = new Client({ connectionString: embedded.databaseUrl });
const bareLoop: Contender = {
  name: 'bare loop',
  share: 1,
  run: (each) => scratch.use((url) => runBareLoop(url, each)),
};
const figures: Record<string, unknown> = { items: load.items, large, rounds };
try {
  await server.connect();
  for (const part of wanted) {
    figures[part] = await parts[part]?.();
    console.log(`\n${part}`);
    console.table(figures[part]);
  }
  console.log(JSON.stringify(figures));
} finally {
  await server.end();
  await embedded.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** Runs something small first, so that nothing is measured for the first time. */
async function withLonghaul<T>(work: (longhaul: Longhaul) => Promise<T>): Promise<T> {
  const longhaul = await startLonghaul(embedded);
  try {
    await longhaul.run({ items: 1_000, itemBytes: 0 });
    return await work(longhaul);
  } finally {
    await longhaul.stop();
  }
}

async function comparePeers() {
  await installPeers();
  const redis = await startRedis().catch((error: unknown) => {
    console.warn(`BullMQ is left out, as there is no Redis: ${toError(error).message}`);
    return null;
  });
  try {
    return await withLonghaul(async (longhaul) => {
      const ours: Contender = { name: 'Longhaul', share: 1, run: (each) => longhaul.run(each) };
      const contenders = [ours, bareLoop, ...createPeers({ embedded, redis, scratch })];
      return await compare(contenders, load, rounds);
    });
  } finally {
    await redis?.stop();
  }
}

/** Items of other sizes against the bare loop, and chunks of other sizes against each other. */
async function compareSizes(longhaul: Longhaul) {
  const half = Math.ceil(load.items / 2);
  const ours = (name: string, chunkSize?: number): Contender => ({
    name,
    share: 1,
    run: (each) => longhaul.run(each, { chunkSize }),
  });
  const results = [];
  for (const itemBytes of [500, 2_000]) {
    const compared = await compare([ours('Longhaul'), bareLoop], { items: half, itemBytes }, rounds);
    results.push(...compared.map((each) => ({ ...each, name: `${each.name}, items of ${itemBytes} bytes` })));
  }
  const chunks = [1_000, 100, 500, 5_000].map((size) => ours(`Longhaul, chunks of ${size}`, size));
  return [...results, ...(await compare(chunks, { items: half, itemBytes: 0 }, rounds))];
}
