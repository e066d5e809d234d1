import { z } from 'zod';
import { median, percentile } from './figures.ts';
import { atMost, type Judged } from './judged.ts';
import { listen } from './listen.ts';
import type { Longhaul } from './longhaul.ts';

/** Milliseconds. The API asks for news every 100 ms; then telling a thousand sockets of an entry takes it some 70 ms of processor. */
const targets = {
  firstResult: 1_000,
  p50: { 1: 100, 100: 100, 1_000: 200 },
  p99: { 1: 200, 100: 200, 1_000: 500 },
} as const;

const follow = 'subscription Follow($jobId: ID!) { jobEvents(jobId: $jobId) { __typename sequence at } }';
const entry = z.object({
  jobEvents: z.object({ __typename: z.string(), sequence: z.coerce.number(), at: z.coerce.date() }),
});

/** How soon somebody hears of the first results of a job, and how late many subscribers hear of each journal entry. */
export async function measureLatency(longhaul: Longhaul, rounds: number): Promise<Judged[]> {
  const first: number[] = [];
  for (let index = 0; index < rounds; index += 1) first.push(await firstResultMs(longhaul));
  const judged = [atMost('submit → first result, ms', median(first), targets.firstResult)];
  for (const subscribers of [1, 100, 1_000] as const) {
    const delays = await deliveryDelays(longhaul, subscribers);
    judged.push(
      atMost(`commit → ${subscribers} subscribers, p50 ms`, percentile(delays, 0.5), targets.p50[subscribers]),
      atMost(`commit → ${subscribers} subscribers, p99 ms`, percentile(delays, 0.99), targets.p99[subscribers]),
    );
  }
  return judged;
}

async function firstResultMs({ client, store, submit }: Longhaul): Promise<number> {
  const uploadId = await store({ items: 1_000, itemBytes: 0 });
  const startedAt = performance.now();
  const jobId = await submit(uploadId, { chunkSize: 100 });
  for await (const { jobEvents } of client.subscribe(follow, { jobId }, entry))
    if (jobEvents.__typename === 'ChunkCompleted') return performance.now() - startedAt;
  throw new Error('The job ended without a chunk.');
}

/** Of every entry to each of so many sockets: milliseconds from the moment that it bears, shortly before its commit. */
async function deliveryDelays({ endpoint, apiKey, store, submit }: Longhaul, subscribers: number): Promise<number[]> {
  // Two chunks, each of which commits once a second for 15 s what has ended.
  const uploadId = await store({ items: 12_000, itemBytes: 0 });
  const jobId = await submit(uploadId, { chunkSize: 6_000, delayMs: 1_000 });
  const { delays, heard } = createHearing(subscribers);
  const operation = { query: follow, variables: { jobId } };
  await Promise.all(Array.from({ length: subscribers }, () => listen({ endpoint, apiKey, operation }, heard())));
  if (delays.length === 0) throw new Error(`The job ended before ${subscribers} subscribers had come.`);
  return delays;
}

/** Counts what is committed after all subscribers have heard something: the rest is history, told as they come. */
function createHearing(subscribers: number) {
  const delays: number[] = [];
  let missing = subscribers;
  let completeAt = Infinity;
  /** What one subscriber does with what it is told. */
  const heard = () => {
    let hasBegun = false;
    return (data: unknown) => {
      const at = entry.parse(data).jobEvents.at.getTime();
      if (!hasBegun) missing -= 1;
      hasBegun = true;
      if (missing === 0) completeAt = Math.min(completeAt, Date.now());
      if (at > completeAt) delays.push(Date.now() - at);
    };
  };
  return { delays, heard };
}
