import { Client } from 'pg';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { newId } from '../src/database/new-id.ts';
import { itemValue } from './items.ts';
import type { Load } from './contender.ts';

/** What Postgres and Node do at least for as many items: COPY them in, read 500, insert 500 results, on one connection. Milliseconds. */
export async function runBareLoop(databaseUrl: string, load: Load): Promise<number> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('create table items (job_id uuid, index bigint, payload jsonb, primary key (job_id, index))');
    await client.query(
      'create table results (job_id uuid, index bigint, state text, output jsonb, primary key (job_id, index))',
    );
    const startedAt = performance.now();
    await loop(client, newId(), load);
    return performance.now() - startedAt;
  } finally {
    await client.end();
  }
}

const batchSize = 500;

async function loop(client: Client, jobId: string, load: Load): Promise<void> {
  await pipeline(Readable.from(rowsOf(jobId, load)), client.query(copyFrom('copy items from stdin')));
  for (let first = 0; first < load.items; first += batchSize) {
    const { rows } = await client.query<{ index: string; payload: unknown }>(
      'select index, payload from items where job_id = $1 and index between $2 and $3',
      [jobId, first, first + batchSize - 1],
    );
    await client.query('insert into results select $1, * from unnest($2::bigint[], $3::text[], $4::jsonb[])', [
      jobId,
      rows.map(({ index }) => index),
      rows.map(() => 'SUCCEEDED'),
      rows.map(({ payload }) => JSON.stringify(payload)),
    ]);
  }
}

function* rowsOf(jobId: string, { items, itemBytes }: Load): Generator<string> {
  for (let first = 0; first < items; first += batchSize) {
    const lines = Array.from(
      { length: Math.min(batchSize, items - first) },
      (_, offset) => `${jobId}\t${first + offset}\t{"value":"${itemValue(first + offset, itemBytes)}"}\n`,
    );
    yield lines.join('');
  }
}
