import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { median } from './figures.ts';
import { atMost, type Judged } from './judged.ts';
import type { Longhaul } from './longhaul.ts';

/** Ten seconds of silence tell Temporal that a worker is dead; then the chunk, of a second, is run by another. */
const longestMs = 15_000;

/** A worker of two is killed in the middle of its chunks: how long until another has ended them. */
export async function measureRecovery(longhaul: Longhaul, server: Client, rounds: number): Promise<Judged[]> {
  const recoveries: number[] = [];
  for (let index = 0; index < rounds; index += 1) recoveries.push(await killOne(longhaul, server));
  return [atMost('kill -9 of a worker → its chunks have ended, ms', median(recoveries), longestMs)];
}

async function killOne(longhaul: Longhaul, server: Client): Promise<number> {
  const victim = await longhaul.addWorker();
  const items = 3_000;
  const jobId = await longhaul.submit(await longhaul.store({ items, itemBytes: 0 }), { chunkSize: 10, delayMs: 1_000 });
  const plainId = await newestJob(server);
  while ((await runningChunks(server, plainId)).length < 16) await delay(20);
  await victim.kill9();
  const killedAt = performance.now();
  const held = await runningChunks(server, plainId);
  while ((await countEnded(server, plainId, held)) < held.length) await delay(20);
  const ms = performance.now() - killedAt;
  await longhaul.finish(jobId);
  const { rows } = await server.query<{ results: number }>(
    'select count(*)::int as results from item_results where job_id = $1',
    [plainId],
  );
  if (rows[0]?.results !== items) throw new Error(`${rows[0]?.results} of ${items} items have a result.`);
  return ms;
}

async function newestJob(server: Client): Promise<string> {
  const { rows } = await server.query<{ id: string }>('select id from jobs order by id desc limit 1');
  if (!rows[0]) throw new Error('There is no job.');
  return rows[0].id;
}

async function runningChunks(server: Client, jobId: string): Promise<number[]> {
  const { rows } = await server.query<{ index: number }>(
    `select index from chunks where job_id = $1 and state = 'RUNNING'`,
    [jobId],
  );
  return rows.map(({ index }) => index);
}

async function countEnded(server: Client, jobId: string, indexes: number[]): Promise<number> {
  const { rows } = await server.query<{ ended: number }>(
    `select count(*)::int as ended from chunks where job_id = $1 and index = any($2::int[]) and state = 'COMPLETED'`,
    [jobId, indexes],
  );
  return rows[0]?.ended ?? 0;
}
