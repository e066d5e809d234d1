import type { ServerResponse } from 'node:http';
import type { Pool } from 'pg';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FinalItemState } from '../domain/item-counts.ts';
import type { Metrics } from './metrics.ts';
import { createQueueDepth } from './queue-depth.ts';
import { createRecentRate, rateSeconds, type RecentRate } from './recent-rate.ts';

/** Metrics that Prometheus can read. No label names a job: their number must not grow with use. */
export interface PrometheusMetrics extends Metrics {
  /** Answers with all figures as text. */
  answer(response: ServerResponse): Promise<void>;
}

export interface MeasuredParts {
  pool: Pool;
  feed: { lagMs(): number };
}

/** The figures of one process, and of the queue as the database sees it. */
export function createPrometheusMetrics({ pool, feed }: MeasuredParts): PrometheusMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const queue = createQueueDepth(registry, pool);

  const labelNames = ['job_type', 'outcome'] as const;
  const items = new Counter({
    name: 'longhaul_items_processed_total',
    help: 'Items whose result chunks of this process have committed.',
    labelNames,
    registers,
  });
  const rates = new Map<string, { labels: Record<(typeof labelNames)[number], string>; rate: RecentRate }>();
  new Gauge({
    name: 'longhaul_items_per_second',
    help: `Items processed per second, over the last ${rateSeconds} seconds.`,
    labelNames,
    registers,
    collect() {
      for (const { labels, rate } of rates.values()) this.set(labels, rate.perSecond());
    },
  });
  const chunksInFlight = new Gauge({
    name: 'longhaul_chunks_in_flight',
    help: 'Chunks that this process runs now.',
    labelNames: ['job_type'],
    registers,
  });
  const chunkSeconds = new Histogram({
    name: 'longhaul_chunk_duration_seconds',
    help: 'Time from the claim of a chunk to its end, whatever the end was.',
    labelNames: ['job_type'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800],
    registers,
  });
  const commitSeconds = new Histogram({
    name: 'longhaul_commit_duration_seconds',
    help: 'Time that the statement takes which stores the results of a chunk, or of a part of it.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  });
  const sockets = new Gauge({ name: 'longhaul_sockets_open', help: 'WebSockets that are open.', registers });
  const subscriptions = new Gauge({
    name: 'longhaul_subscriptions_open',
    help: 'Subscriptions that are open, on sockets and as server-sent events.',
    registers,
  });
  gauge('longhaul_feed_lag_milliseconds', 'Age of what subscribers have been told; 0 when nobody watches.', feed.lagMs);
  gauge('longhaul_database_connections_in_use', 'Connections to Postgres that are at work.', () => {
    return pool.totalCount - pool.idleCount;
  });
  gauge('longhaul_database_connections_waiting', 'Callers that wait for a connection.', () => pool.waitingCount);

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }

  function countItems(jobType: string, outcome: FinalItemState, count: number): void {
    const labels = { job_type: jobType, outcome };
    items.inc(labels, count);
    const key = `${jobType} ${outcome}`;
    const known = rates.get(key) ?? { labels, rate: createRecentRate() };
    rates.set(key, known);
    known.rate.add(count);
  }

  return {
    itemsEnded(jobType, outcomes) {
      for (const [outcome, { length }] of Map.groupBy(outcomes, (each) => each)) countItems(jobType, outcome, length);
    },
    chunkStarted(jobType) {
      const end = chunkSeconds.startTimer({ job_type: jobType });
      chunksInFlight.inc({ job_type: jobType });
      return () => {
        end();
        chunksInFlight.dec({ job_type: jobType });
      };
    },
    commitStarted: () => commitSeconds.startTimer(),
    socketOpened: () => open(sockets),
    subscriptionOpened: () => open(subscriptions),
    async answer(response) {
      await queue.refresh();
      const text = await registry.metrics();
      response.writeHead(200, { 'content-type': registry.contentType, 'cache-control': 'no-store' }).end(text);
    },
  };
}

function open(gauge: Gauge): () => void {
  gauge.inc();
  return () => gauge.dec();
}
