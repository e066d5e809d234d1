// pg-boss: jobs in bulk, two workers that fetch 2,000 at a time without a pause in between and settle each batch, with a
// result for each job, in one statement.
import { setTimeout as delay } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import { createCountdown, measure, type PeerItem } from './peer.ts';

const options = {
  batchSize: 2_000,
  localConcurrency: 2,
  burstWhenBatchFull: true,
  pollingIntervalSeconds: 0.5,
  perJobResults: true,
} as const;

await measure(async ({ items, databaseUrl }) => {
  const boss = new PgBoss({ connectionString: databaseUrl, supervise: false, schedule: false });
  boss.on('error', (error) => console.error(error));
  await boss.start();
  await boss.createQueue('echo');
  const countdown = createCountdown(items);
  const countResults = async () => {
    const statement = `select count(*)::int as results from pgboss.job where state = 'completed' and output is not null`;
    const { rows } = await boss.getDb().executeSql(statement);
    return Number(rows[0].results);
  };
  return {
    run: async (batches) => {
      await boss.work<PeerItem>('echo', options, async (jobs) => {
        countdown.ended(jobs.length);
        return jobs.map(({ id, data }) => ({ id, status: 'completed', output: { value: data.value } }));
      });
      for (const batch of batches)
        await boss.insert(
          'echo',
          batch.map((data) => ({ data })),
        );
      await countdown.done;
      // Batches are settled after their handler.
      while ((await countResults()) < items) await delay(10);
    },
    countResults,
    close: () => boss.stop(),
  };
});
