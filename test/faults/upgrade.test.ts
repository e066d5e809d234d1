import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installKey } from '../../src/access/install-key.ts';
import { openDatabase, type Database } from '../../src/database/database.ts';
import { migrate } from '../../src/database/migrations.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import { findProcesses, sendSignal } from '../../src/embedded/processes.ts';
import { startEmbedded, type Embedded } from '../../src/embedded/start-embedded.ts';
import { createTestClient, type TestClient } from '../support/graphql-client.ts';
import { createOtherBuild, type OtherBuild } from '../support/other-build.ts';
import {
  launchProgram,
  startApi,
  startWorker,
  type ApiProcess,
  type LonghaulProcess,
  type Surroundings,
} from '../support/processes.ts';
import { waitFor } from '../support/wait-for.ts';

const here = fileURLToPath(new URL('../..', import.meta.url));
const apiKey = `lh_upgradesupgr_${'u'.repeat(43)}`;

let dataDir: string;
let embedded: Embedded;
let database: Database;
let api: ApiProcess;
let client: TestClient;
let newBuild: OtherBuild;
let surroundings: Surroundings;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'longhaul-upgrade-'));
  // As root, Postgres runs as a user of its own, which must get through.
  await chmod(dataDir, 0o711);
  const log = { info: () => undefined, warn: () => undefined };
  embedded = await startEmbedded({ dataDir, log, ports: { postgres: 0, temporal: 0, temporalUi: 0 } });
  database = await openDatabase(embedded.databaseUrl, 5);
  await migrate(database);
  await installKey(database, { projectName: 'Upgrade', key: apiKey });
  const { databaseUrl, temporalAddress } = embedded;
  surroundings = { databaseUrl, temporalAddress, taskQueue: 'upgrade.test: any name', dataDir };
  newBuild = await createOtherBuild({
    // Marks what it has run, by an option that jobs of the old build do not have.
    'src/job-types/echo/echo.ts': [
      [
        'const options = z.object({',
        "const options = z.object({\n  mark: z.string().default('new').describe('Which build it is.'),",
      ],
      ["'x'.repeat(options.outputBytes) : null", "'x'.repeat(options.outputBytes) : options.mark.toUpperCase()"],
    ],
    // Fits no history of the old build.
    'workflows/run-job.ts': [['    const seen = wakes;', "    await sleep('1 ms');\n    const seen = wakes;"]],
  });
  api = await startApi(surroundings);
  client = createTestClient({ url: `${api.url}/graphql`, apiKey });
});

afterAll(async () => {
  await client.close();
  await api.kill9();
  await database.close();
  await embedded.stop();
  await newBuild[Symbol.asyncDispose]();
  await rm(dataDir, { recursive: true, force: true });
});

/** The new build, beside which the old one may run. */
const ofNewBuild = (): Surroundings => ({ ...surroundings, codeDir: newBuild.codeDir });

test('jobs finish on the build that they began on, new ones begin on the newest; of a build without workers the newest goes on', async () => {
  await using old = await startWorker(surroundings);
  const [finished, interrupted] = [await submit({ items: 100 }), await submit({ items: 1_000, delayMs: 2_000 })];
  await inTheMiddle(finished);
  await using newest = await startWorker(ofNewBuild());
  await waitFor(() => newest.output().includes('build_leads'));
  const later = await submit({ items: 10 });
  await waitForEnd(later);
  expect(await readRuns(later)).toEqual({ state: 'COMPLETED', old: 0, new: 10 });
  await waitForEnd(finished);
  expect(await readRuns(finished)).toEqual({ state: 'COMPLETED', old: 100, new: 0 });

  await old.kill9();
  const before = await readRuns(interrupted);
  expect(before).toEqual({ state: 'RUNNING', old: expect.any(Number), new: 0 });
  await waitForEnd(interrupted);
  const { old: byOld, ...after } = await readRuns(interrupted);
  expect(after).toEqual({ state: 'COMPLETED', new: 1_000 - byOld });
  // What the old worker committed in its last moment may be seen only now.
  expect(byOld).toBeGreaterThanOrEqual(before.old);
  expect(byOld).toBeLessThan(1_000);
  await newest.stop();
});

test('the jobs of a worker that was stopped go on with the other build, also when that is the older one', async () => {
  await using newest = await startWorker(ofNewBuild());
  const interrupted = await submit({ items: 1_000, delayMs: 2_000 });
  await inTheMiddle(interrupted);
  await using old = await startWorker(surroundings);
  await newest.stop();
  const { new: byNew } = await readRuns(interrupted);
  await waitForEnd(interrupted);
  expect(await readRuns(interrupted)).toEqual({ state: 'COMPLETED', old: 1_000 - byNew, new: byNew });
  const later = await submit({ items: 10 });
  await waitForEnd(later);
  expect(await readRuns(later)).toEqual({ state: 'COMPLETED', old: 10, new: 0 });
  await old.stop();
});

test.each([
  ['was stopped', (old: LonghaulProcess) => old.stop()],
  [
    'was killed, and whose worker and Temporal live on',
    async (old: LonghaulProcess, folder: string) => {
      const left = [
        { program: basename(process.execPath), argument: `worker --part-of ${folder}` },
        { program: 'temporal', argument: `--db-filename ${join(folder, 'temporal.db')}` },
      ];
      const pids = (await Promise.all(left.map(findProcesses))).flat();
      expect(pids).toHaveLength(2);
      // So they do not notice that they are asked to end with it.
      for (const pid of pids) sendSignal(pid, 'SIGSTOP');
      await old.kill9();
      expect((await Promise.all(left.map(findProcesses))).flat()).toEqual(pids);
    },
  ],
])('longhaul up of a newer build goes on with the data and the jobs of one that %s', async (_, end) => {
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-upgrade-up-'));
  await chmod(folder, 0o711);
  const port = await pickPort(0);
  const env = { LONGHAUL_DATA_DIR: folder, LONGHAUL_PORT: String(port) };
  const up = (codeDir: string) => launchProgram(['node', join(codeDir, 'src/cli/longhaul.ts'), 'up'], env);
  const readJob = async (id: string) => {
    const { job } = await local.query<{ job: { state: string; progress: { succeeded: string } } }>(
      'query ($id: ID!) { job(id: $id) { state progress { succeeded } } }',
      { id },
    );
    return job;
  };
  const ready = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await using old = up(here);
  await old.waitUntil('is ready', ready);
  const key = (await readFile(join(folder, 'api-key'), 'utf8')).trim();
  const local = createTestClient({ url: `http://127.0.0.1:${port}/graphql`, apiKey: key });
  const id = await submitBy(local, { items: 400, delayMs: 2_000 });
  await waitFor(async () => Number((await readJob(id)).progress.succeeded) > 0, { timeoutMs: 60_000 });
  await end(old, folder);

  await using newer = up(newBuild.codeDir);
  await newer.waitUntil('is ready', ready);
  expect((await readJob(id)).state).toBe('RUNNING');
  await waitFor(async () => (await readJob(id)).state === 'COMPLETED', { timeoutMs: 120_000 });
  expect((await readJob(id)).progress).toEqual({ succeeded: '400' });
  expect(await readFile(join(folder, 'logs', 'worker.log'), 'utf8')).toContain('"event":"work_taken_over"');
  await local.close();
  await newer.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A job of so many items, ten a chunk, which takes as long as is said. */
async function submit(size: { items: number; delayMs?: number }): Promise<string> {
  const id = await submitBy(client, size);
  const [uuid] = /[0-9a-f]{8}-[0-9a-f-]{27}$/.exec(Buffer.from(id, 'base64').toString()) ?? [];
  return uuid ?? id;
}

async function submitBy(
  by: TestClient,
  { items, delayMs = 250 }: { items: number; delayMs?: number },
): Promise<string> {
  const { submitJob } = await by.query<{ submitJob: { job: { id: string } } }>(
    `mutation ($items: [JSON!]!, $delayMs: Int!) {
       submitJob(input: { title: "Upgrade", chunkSize: 10, spec: { echo: { delayMs: $delayMs } }, source: { inline: { items: $items } } }) {
         ... on SubmitJobPayload { job { id } }
       }
     }`,
    { items: Array.from({ length: items }, () => ({})), delayMs },
  );
  return submitJob.job.id;
}

/** How many items each build has run. */
async function readRuns(jobId: string): Promise<{ state: string; old: number; new: number }> {
  const { rows } = await database.pool.query<{ state: string; old: number; new: number }>(
    `select state,
       (select count(*)::int from item_results where job_id = id and output ->> 'filler' is null) as old,
       (select count(*)::int from item_results where job_id = id and output ->> 'filler' = 'NEW') as new
     from jobs where id = $1`,
    [jobId],
  );
  const [runs] = rows;
  if (!runs) throw new Error(`There is no job ${jobId}.`);
  return runs;
}

async function inTheMiddle(jobId: string): Promise<void> {
  await waitFor(
    async () => {
      const runs = await readRuns(jobId);
      return runs.state === 'RUNNING' && runs.old + runs.new > 0;
    },
    { everyMs: 10, timeoutMs: 60_000, description: `job ${jobId} to be in the middle` },
  );
}

async function waitForEnd(jobId: string): Promise<void> {
  await waitFor(async () => (await readRuns(jobId)).state === 'COMPLETED', {
    everyMs: 100,
    timeoutMs: 180_000,
    description: `job ${jobId} to be COMPLETED`,
  });
}
