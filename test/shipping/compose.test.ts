import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { WebSocket } from 'ws';
import { createApiKey } from '../../src/access/create-api-key.ts';
import { createProject } from '../../src/access/create-project.ts';
import { readConfig } from '../../src/config.ts';
import { settings } from '../../src/config/settings.ts';
import { openDatabase, type Database } from '../../src/database/database.ts';
import { newId } from '../../src/database/new-id.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import { readComposeServices, readDockerfile, type ComposeService } from '../support/compose-file.ts';
import { createEmptyDatabase } from '../support/database.ts';
import { createTestClient, type TestClient } from '../support/graphql-client.ts';
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts';
import { launchProgram, type Launched } from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';

const secrets = {
  LONGHAUL_POSTGRES_PASSWORD: 'hunter2hunter2',
  LONGHAUL_SECRET: 'a secret that is known to tests only',
  TEMPORAL_POSTGRES_PASSWORD: 'hunter3hunter3',
};

let services: Record<string, ComposeService>;
let dockerfile: Awaited<ReturnType<typeof readDockerfile>>;
let emptyDatabase: Awaited<ReturnType<typeof createEmptyDatabase>>;
let database: Database;
let dataDir: string;
let receiver: OtlpReceiver;
let ports: { api: number; worker: number };
let api: Launched;
let worker: Launched;
let client: TestClient;
let apiKey: string;

/** `docker compose up`: each service's own command and variables, on a Postgres and a Temporal that run already. */
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  services = await readComposeServices({ ...secrets, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  dockerfile = await readDockerfile();
  emptyDatabase = await createEmptyDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'longhaul-compose-'));
  ports = { api: await pickPort(0), worker: await pickPort(0) };
  const migrate = start('migrate');
  if ((await migrate.ended()) !== 0) throw new Error(`The migration failed:\n${migrate.output()}`);
  [api, worker] = [start('api'), start('worker')];
  database = await openDatabase(emptyDatabase.url);
  const project = await createProject(database, { name: 'shipping' });
  ({ key: apiKey } = await createApiKey(database, { projectId: project.id, name: 'shipping' }));
  await Promise.all([
    api.waitUntil('is healthy', () => isHealthy('api')),
    worker.waitUntil('is healthy', () => isHealthy('worker')),
  ]);
  client = createTestClient({ url: `http://127.0.0.1:${ports.api}/graphql`, apiKey });
});

afterAll(async () => {
  await client?.close();
  await Promise.all([api?.kill9(), worker?.kill9()]);
  await receiver?.[Symbol.asyncDispose]();
  await database?.close();
  await emptyDatabase?.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const taskQueue = `compose-${newId()}`;

/** What the containers' network says, said of this machine: hosts and ports, and a folder for the volume. */
function environmentOf(name: string): Record<string, string> {
  const own = { ...dockerfile.environment, ...services[name]?.environment };
  expect(own).toMatchObject({
    LONGHAUL_DATABASE_URL: 'postgres://longhaul:hunter2hunter2@postgres:5432/longhaul',
    LONGHAUL_TEMPORAL_ADDRESS: 'temporal:7233',
    LONGHAUL_DATA_DIR: '/data',
  });
  return {
    ...own,
    LONGHAUL_DATABASE_URL: emptyDatabase.url,
    LONGHAUL_TEMPORAL_ADDRESS: inject('temporalAddress'),
    LONGHAUL_TASK_QUEUE: taskQueue,
    LONGHAUL_DATA_DIR: dataDir,
    LONGHAUL_PORT: String(ports.api),
    LONGHAUL_METRICS_PORT: String(ports.worker),
    OTEL_BSP_SCHEDULE_DELAY: '100',
  };
}

function start(name: string): Launched {
  return launchProgram([...dockerfile.entrypoint, ...(services[name]?.command ?? [])], environmentOf(name));
}

/** The health check of the service, or that of the image. */
async function isHealthy(name: string): Promise<boolean> {
  const check = services[name]?.healthcheck?.test?.slice(1) ?? dockerfile.healthcheck;
  // Each container asks itself: the port of the other service is not in it.
  const asking = launchProgram(check, { LONGHAUL_PORT: String(name === 'api' ? ports.api : ports.worker) });
  return (await asking.ended()) === 0;
}

test('nothing starts before what it needs, and the image runs on our Node, not as root', async () => {
  expect(services['migrate']?.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
  expect(services['api']?.depends_on).toEqual({ migrate: { condition: 'service_completed_successfully' } });
  expect(services['worker']?.depends_on).toEqual({
    migrate: { condition: 'service_completed_successfully' },
    'temporal-namespace': { condition: 'service_completed_successfully' },
  });
  const { dependencies } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(dockerfile.bases).toHaveLength(2);
  for (const base of dockerfile.bases) expect(base).toBe(`node:${dependencies.node}-trixie-slim`);
  expect(dockerfile.user).toBe('1000:1000');
});

test('no secret has a value of its own: without it, nothing starts', async () => {
  for (const name of Object.keys(secrets)) {
    await expect(readComposeServices({ ...secrets, [name]: '' })).rejects.toThrow(`${name} `);
  }
});

test('the services know every variable that they are given, and can be configured with it', () => {
  for (const name of ['migrate', 'api', 'worker']) {
    const given = { ...dockerfile.environment, ...services[name]?.environment };
    expect([...Object.keys(settings), 'NODE_ENV']).toEqual(expect.arrayContaining(Object.keys(given)));
    expect(readConfig(given)).toMatchObject({ host: '0.0.0.0', dataDir: '/data', allowedOrigins: [], tracing: true });
  }
});

test('a process that does not answer is not healthy', async () => {
  const check = launchProgram(dockerfile.healthcheck, { LONGHAUL_PORT: '1' });
  expect(await check.ended()).toBe(1);
  expect(check.output()).toContain('fetch failed');
});

test('a job runs from the API through Temporal to the worker, and the trace of who submitted it goes all the way', async () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  const callerSpanId = 'b7ad6b7169203331';
  const answer = await fetch(`http://127.0.0.1:${ports.api}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${apiKey}`,
      traceparent: `00-${traceId}-${callerSpanId}-01`,
      'x-request-id': 'traced-1',
    },
    body: JSON.stringify({
      query: `mutation Submit {
        submitJob(input: { title: "Traced", spec: { echo: {} }, source: { inline: { items: [{ value: "hush" }] } } }) {
          ... on SubmitJobPayload { job { id } }
        }
      }`,
    }),
  });
  const { data } = (await answer.json()) as { data: { submitJob: { job: { id: string } } } };
  await waitFor(
    async () => {
      const { job } = await client.query<{ job: { state: string } }>('query ($id: ID!) { job(id: $id) { state } }', {
        id: data.submitJob.job.id,
      });
      return job.state === 'COMPLETED';
    },
    { description: 'the job to be completed' },
  );
  const ofTrace = () => receiver.spans.filter((span) => span.traceId === traceId);
  const find = (name: string) => ofTrace().find((span) => span.name === name);
  const [submit, started, run, chunk] = await waitFor(
    () => {
      const found = ['mutation Submit', 'SignalWithStartWorkflow:runJob', 'RunWorkflow:runJob', 'RunActivity:runChunk'];
      const spans = found.map(find);
      return spans.every((span) => span !== undefined) && spans;
    },
    { description: 'the spans of API, workflow and activity' },
  ).catch((error: unknown) => {
    throw new Error(
      `There are: ${ofTrace()
        .map(({ name }) => name)
        .join(', ')}`,
      { cause: error },
    );
  });
  expect(submit).toMatchObject({
    service: 'longhaul-api',
    parentSpanId: callerSpanId,
    attributes: { 'graphql.operation.type': 'mutation', 'longhaul.request_id': 'traced-1' },
  });
  expect(started).toMatchObject({ service: 'longhaul-api', parentSpanId: submit?.spanId });
  expect(run).toMatchObject({ service: 'longhaul-worker', parentSpanId: started?.spanId });
  expect(chunk).toMatchObject({ service: 'longhaul-worker' });
  // Between them lies the span with which the workflow asks for the activity.
  const asked = ofTrace().find((span) => span.spanId === chunk?.parentSpanId);
  expect(asked).toMatchObject({ name: 'StartActivity:runChunk', parentSpanId: run?.spanId });
  const told = JSON.stringify(receiver.spans);
  for (const secret of [apiKey, 'hush', ...Object.values(secrets)]) expect(told).not.toContain(secret);
});

test('a service that is told to stop says goodbye and ends in order', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${ports.api}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  const said = once(socket, 'close');
  await client.close();
  await Promise.all([api.stop(), worker.stop()]);
  expect((await said)[0]).toBe(1001);
  for (const secret of [apiKey, ...Object.values(secrets)]) {
    expect(api.output()).not.toContain(secret);
    expect(worker.output()).not.toContain(secret);
  }
});
