// BullMQ: jobs in bulk, one worker that runs 50 at a time and fetches the next job with the end of the last one; results are
// the jobs' return values, which are kept. Redis writes nothing to disk: faster than anybody would run it.
import { Queue, Worker } from 'bullmq';
import { createCountdown, measure, type PeerItem } from './peer.ts';

await measure(async ({ items, redisPort }) => {
  if (redisPort === null) throw new Error('BullMQ needs a Redis.');
  const connection = { host: '127.0.0.1', port: redisPort, maxRetriesPerRequest: null };
  const queue = new Queue<PeerItem>('echo', { connection });
  const countdown = createCountdown(items);
  const worker = new Worker<PeerItem, { value: string }>('echo', async ({ data }) => ({ value: data.value }), {
    connection,
    concurrency: 50,
  });
  worker.on('completed', () => countdown.ended(1));
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
  return {
    run: async (batches) => {
      for (const batch of batches) await queue.addBulk(batch.map((data) => ({ name: 'echo', data })));
      await countdown.done;
    },
    countResults: () => queue.getCompletedCount(),
    close: async () => {
      await worker.close();
      await queue.close();
    },
  };
});
