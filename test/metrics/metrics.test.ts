import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { schema } from '../../schema/schema.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { createTestClient, type TestClient } from '../support/graphql-client.ts';
import { startWorker } from '../support/processes.ts';
import { createTestProject } from '../support/project.ts';
import { waitFor } from '../support/wait-for.ts';

let engine: TestEngine;
let server: HttpServer;
let client: TestClient;
let apiKey: string;

beforeAll(async () => {
  engine = await createTestEngine();
  const { config, services } = engine;
  ({ apiKey } = await createTestProject(services.database));
  const { database, log, metrics } = services;
  server = createHttpServer({ config, services, database, log, metrics, schema });
  await server.listen();
  client = createTestClient({ url: `${server.url()}/graphql`, apiKey });
});
afterAll(async () => {
  await client?.close();
  await server?.close();
  await engine?.close();
});

/** Figures by name and labels, as Prometheus reads them. */
async function scrape(url: string): Promise<Record<string, number>> {
  const response = await fetch(`${url}/metrics`);
  expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
  );
}

test('sockets and subscriptions count while they are open, on each transport, and the feed says how old its news is', async () => {
  expect(await scrape(server.url())).toMatchObject({
    longhaul_sockets_open: 0,
    longhaul_subscriptions_open: 0,
    longhaul_feed_lag_milliseconds: 0,
    longhaul_database_connections_in_use: 0,
    longhaul_database_connections_waiting: 0,
  });
  const changes = client.subscribe('subscription { jobsChanged { id } }');
  const first = changes.next().catch(String);
  const left = new AbortController();
  const stream = fetch(`${server.url()}/graphql`, {
    method: 'POST',
    headers: {
      accept: 'text/event-stream',
      authorization: `Bearer ${apiKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query: 'subscription { jobsChanged { id } }' }),
    signal: left.signal,
  });
  const open = await waitFor(async () => {
    const figures = await scrape(server.url());
    return figures.longhaul_subscriptions_open === 2 && engine.services.feed.size === 1 && figures;
  });
  expect(open.longhaul_sockets_open).toBe(1);
  expect((await scrape(server.url())).longhaul_feed_lag_milliseconds).toBeGreaterThan(0);

  await stream;
  left.abort();
  client.cut();
  await first;
  await waitFor(async () => {
    const figures = await scrape(server.url());
    return figures.longhaul_subscriptions_open === 0 && figures.longhaul_sockets_open === 0;
  });
});

test('what is to be done counts as jobs and items by state, and a job that has ended counts no more', async () => {
  const { id } = await engine.submit();
  const { pool } = engine.services.database;
  await pool.query('update jobs set total = 7, pending = 5, running = 2 where id = $1', [id]);
  expect(await scrape(server.url())).toMatchObject({
    'longhaul_queue_jobs{state="PENDING"}': 1,
    'longhaul_queue_items{state="PENDING"}': 7,
    'longhaul_queue_jobs{state="RUNNING"}': 0,
    'longhaul_queue_items{state="RUNNING"}': 0,
  });
  await pool.query('update jobs set total = 0, pending = 0, running = 0 where id = $1', [id]);
  await engine.services.jobs.cancelJob(engine.viewer, id);
  expect(await scrape(server.url())).toMatchObject({
    'longhaul_queue_jobs{state="PENDING"}': 0,
    'longhaul_queue_items{state="PENDING"}': 0,
  });
});

test('a worker counts what it has processed by job type and outcome, and serves it at a port of its own', async () => {
  const { config } = engine;
  const port = await pickPort(0);
  const url = `http://127.0.0.1:${port}`;
  await using worker = await startWorker({
    databaseUrl: config.databaseUrl,
    temporalAddress: inject('temporalAddress'),
    taskQueue: config.temporal.taskQueue,
    dataDir: config.dataDir,
    env: { LONGHAUL_METRICS_PORT: String(port) },
  });
  const options = { failureRate: 0.5 };
  const { id } = await engine.submit({ chunkSize: 10, options }, 40);
  const { succeeded, failed } = await engine.reach(id, 'COMPLETED');
  const outcome = (state: string) => `{job_type="echo",outcome="${state}"}`;
  const figures = await waitFor(async () => {
    const now = await scrape(url);
    return now['longhaul_chunks_in_flight{job_type="echo"}'] === 0 && now;
  });
  expect(failed).toBeGreaterThan(0);
  expect(figures).toMatchObject({
    [`longhaul_items_processed_total${outcome('SUCCEEDED')}`]: succeeded,
    [`longhaul_items_processed_total${outcome('FAILED')}`]: failed,
    [`longhaul_items_per_second${outcome('SUCCEEDED')}`]: succeeded / 60,
    'longhaul_chunk_duration_seconds_count{job_type="echo"}': 4,
    process_cpu_seconds_total: expect.any(Number),
  });
  expect(figures.longhaul_commit_duration_seconds_count).toBeGreaterThanOrEqual(4);
  expect(JSON.stringify(figures)).not.toContain(id);

  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'alive' });
  expect((await fetch(`${url}/graphql`)).status).toBe(404);
  await worker.stop();
});
