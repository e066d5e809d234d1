// npm run bench [-- <part> …] with parts of: peers, cost, memory, sizes; all of them when none is named.
//   --items <n>, default 100,000: items of a run     --rounds <n>, default 3
// Each part prints a table; the last line is everything as JSON. bench/README.md says what is measured.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { toError } from '../src/domain/errors.ts';
import { startEmbedded } from '../src/embedded/start-embedded.ts';
import { runBareLoop } from './bare-loop.ts';
import { compare } from './compare.ts';
import type { Contender } from './contender.ts';
import { startLonghaul } from './longhaul.ts';
import { measureMemory } from './measure-memory.ts';
import { measureCost } from './cost.ts';
import { createPeers, installPeers } from './peers.ts';
import { startRedis } from './redis.ts';
import { createScratch } from './scratch-database.ts';

const parts = ['peers', 'cost', 'memory', 'sizes'];
const { values, positionals } = parseArgs({
  options: { items: { type: 'string', default: '100000' }, rounds: { type: 'string', default: '3' } },
  allowPositionals: true,
});
const wanted = positionals.length === 0 ? parts : positionals;
const unknown = wanted.filter((part) => !parts.includes(part));
if (unknown.length > 0) {
  console.error(`There is no part "${unknown.join('", "')}". There are: ${parts.join(', ')}.`);
  process.exit(1);
}
const items = Number(values.items);
const rounds = Number(values.rounds);

const dataDir = await mkdtemp(join(tmpdir(), 'longhaul-bench-'));
const embedded = await startEmbedded({
  dataDir,
  log: { info: () => undefined, warn: console.warn },
  ports: { postgres: 0, temporal: 0, temporalUi: 0 },
});
const scratch = createScratch(embedded.databaseUrl);
const bareLoop: Contender = {
  name: 'bare loop',
  share: 1,
  run: (load) => scratch.use((url) => runBareLoop(url, load)),
};
const figures: Record<string, unknown> = { items, rounds };
try {
  if (wanted.includes('peers')) figures['peers'] = await comparePeers();
  if (wanted.includes('cost'))
    figures['cost'] = await measureCost({ embedded, scratch, load: { items, itemBytes: 0 }, rounds });
  if (wanted.includes('memory')) figures['memory'] = await measureMemory(embedded, [10_000, 100_000, 1_000_000]);
  if (wanted.includes('sizes')) figures['sizes'] = await compareSizes();
  for (const part of wanted) {
    console.log(`\n${part}`);
    console.table(figures[part]);
  }
  console.log(JSON.stringify(figures));
} finally {
  await embedded.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function comparePeers() {
  await installPeers();
  const redis = await startRedis().catch((error: unknown) => {
    console.warn(`BullMQ is left out, as there is no Redis: ${toError(error).message}`);
    return null;
  });
  const longhaul = await startLonghaul(embedded);
  try {
    await longhaul.run({ items: 1_000, itemBytes: 0 });
    const ours: Contender = { name: 'Longhaul', share: 1, run: (load) => longhaul.run(load) };
    const contenders = [ours, bareLoop, ...createPeers({ embedded, redis, scratch })];
    return await compare(contenders, { items, itemBytes: 0 }, rounds);
  } finally {
    await longhaul.stop();
    await redis?.stop();
  }
}

/** Items of other sizes against the bare loop, and chunks of other sizes against each other. */
async function compareSizes() {
  const longhaul = await startLonghaul(embedded);
  const ours = (name: string, chunkSize?: number): Contender => ({
    name,
    share: 1,
    run: (load) => longhaul.run(load, chunkSize),
  });
  try {
    await longhaul.run({ items: 1_000, itemBytes: 0 });
    const results = [];
    for (const itemBytes of [500, 2_000]) {
      const compared = await compare([ours('Longhaul'), bareLoop], { items: Math.ceil(items / 2), itemBytes }, rounds);
      results.push(...compared.map((each) => ({ ...each, name: `${each.name}, items of ${itemBytes} bytes` })));
    }
    const chunks = [1_000, 100, 500, 5_000].map((size) => ours(`Longhaul, chunks of ${size}`, size));
    return [...results, ...(await compare(chunks, { items: Math.ceil(items / 2), itemBytes: 0 }, rounds))];
  } finally {
    await longhaul.stop();
  }
}
