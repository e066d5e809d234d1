import { proxyActivities } from '@temporalio/workflow';
import type { PeerItem } from './peer.ts';

const { echo } = proxyActivities<{ echo(item: PeerItem): Promise<{ value: string }> }>({
  startToCloseTimeout: '1 minute',
});

/** One activity for each item, fifty at a time. */
export async function echoItems(items: PeerItem[]): Promise<void> {
  const queue = [...items];
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await echo(item);
  };
  await Promise.all(Array.from({ length: 50 }, lane));
}
