import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { median, timed } from './figures.ts';
import { atMost, figure, type Judged } from './judged.ts';
import type { Longhaul } from './longhaul.ts';

const items = 100;
/** How many times as long a small job may take beside a large one. */
const longest = 3;

/** A job of 100 items alone, and beside one of `largeItems` whose chunks are running. */
export async function measureFairness(
  longhaul: Longhaul,
  server: Client,
  largeItems: number,
  rounds: number,
): Promise<Judged[]> {
  const runSmall = async () => {
    const uploadId = await longhaul.store({ items, itemBytes: 0 });
    return await timed(async () => longhaul.finish(await longhaul.submit(uploadId)));
  };
  const alone: number[] = [];
  for (let index = 0; index < rounds; index += 1) alone.push(await runSmall());
  const large = await longhaul.submit(await longhaul.store({ items: largeItems, itemBytes: 0 }));
  while (!(await runsChunks(server))) await delay(50);
  const beside: number[] = [];
  while (beside.length < rounds) {
    const ms = await runSmall();
    if (!(await runsChunks(server))) break;
    beside.push(ms);
  }
  await longhaul.finish(large);
  if (beside.length === 0) throw new Error(`${largeItems} items ended before a small job beside them did: take more.`);
  return [
    figure('100 items alone, ms', median(alone)),
    figure(`100 items beside ${largeItems}, ms`, median(beside)),
    atMost('beside / alone', median(beside) / median(alone), longest),
  ];
}

async function runsChunks(server: Client): Promise<boolean> {
  const { rowCount } = await server.query(
    `select from jobs j join stages s on s.job_id = j.id
     where j.state = 'RUNNING' and s.name = 'ECHO' and s.state = 'RUNNING' and s.total > $1`,
    [items],
  );
  return (rowCount ?? 0) > 0;
}
