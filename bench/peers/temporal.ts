// Temporal with one activity for each item: workflows of 500 items, 50 activities of each at a time. The history holds the results.
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { measure, type PeerItem } from './peer.ts';

const itemsOfWorkflow = 500;

await measure(async ({ temporalAddress: address }) => {
  const [connection, native] = await Promise.all([
    Connection.connect({ address }),
    NativeConnection.connect({ address }),
  ]);
  const client = new Client({ connection });
  const taskQueue = `echo-${randomUUID()}`;
  let results = 0;
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('./temporal-workflow.ts', import.meta.url)),
    activities: { echo: async ({ value }: PeerItem) => ({ value }) },
    maxConcurrentActivityTaskExecutions: 100,
  });
  const running = worker.run();
  const runWorkflow = async (items: PeerItem[]) => {
    const options = { taskQueue, workflowId: `echo-${randomUUID()}`, args: [items] };
    await client.workflow.execute('echoItems', options);
    // A workflow completes only when each of its activities has its result in the history.
    results += items.length;
  };
  return {
    run: async (batches) => {
      const items = [...batches].flat();
      const parts = Array.from({ length: Math.ceil(items.length / itemsOfWorkflow) }, (_, part) =>
        items.slice(part * itemsOfWorkflow, (part + 1) * itemsOfWorkflow),
      );
      await Promise.all(parts.map(runWorkflow));
    },
    countResults: async () => results,
    close: async () => {
      worker.shutdown();
      await running;
      await connection.close();
      await native.close();
    },
  };
});
