// graphile-worker: jobs in bulk, 2,000 at a time in the local queue, completions in batches. It keeps no results, so its
// task stores them in a table, those of one moment in one statement.
import { Logger, makeWorkerUtils, run as startRunner, type WorkerSharedOptions } from 'graphile-worker';
import { Pool } from 'pg';
import { createCountdown, measure, type PeerItem } from './peer.ts';

const worker = {
  concurrentJobs: 2_000,
  localQueue: { size: 2_000 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
  pollInterval: 500,
};

await measure(async ({ items, databaseUrl }) => {
  const pgPool = new Pool({ connectionString: databaseUrl, max: 20 });
  pgPool.on('error', (error) => console.error(error));
  const shared: WorkerSharedOptions = { pgPool, logger: new Logger(() => () => undefined), preset: { worker } };
  const utils = await makeWorkerUtils(shared);
  await utils.migrate();
  await pgPool.query('create table results (index bigint primary key, output jsonb not null)');
  const store = createResultStore(pgPool);
  const countdown = createCountdown(items);
  const runner = await startRunner({
    ...shared,
    // What was added here comes back as it was.
    taskList: { echo: (payload) => store(payload as PeerItem) },
    noHandleSignals: true,
  });
  runner.events.on('job:complete', () => countdown.ended(1));
  return {
    run: async (batches) => {
      for (const batch of batches) await utils.addJobs(batch.map((payload) => ({ identifier: 'echo', payload })));
      await countdown.done;
    },
    countResults: async () => {
      const { rows } = await pgPool.query<{ results: number }>('select count(*)::int as results from results');
      return rows[0]?.results ?? 0;
    },
    close: async () => {
      await runner.stop();
      await utils.release();
      await pgPool.end();
    },
  };
});

/** Gathers results for a millisecond and inserts them together. */
function createResultStore(pool: Pool): (item: PeerItem) => Promise<void> {
  let waiting: PeerItem[] = [];
  let stored: Promise<void> | undefined;
  const insert = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const batch = waiting;
    waiting = [];
    stored = undefined;
    await pool.query('insert into results select * from unnest($1::bigint[], $2::jsonb[])', [
      batch.map(({ index }) => index),
      batch.map(({ value }) => JSON.stringify({ value })),
    ]);
  };
  return (item) => {
    waiting.push(item);
    stored ??= insert();
    return stored;
  };
}
