import { connect } from 'node:net';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { maintenanceScheduleId } from '../../src/temporal/schedule-maintenance.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { createTestClient, type TestClient } from '../support/graphql-client.ts';
import { holdWrite } from '../support/hold-write.ts';
import { startApi, startWorker, type ApiProcess, type Surroundings } from '../support/processes.ts';
import { testSecret } from '../support/secret.ts';
import { ageTemplateFiles, sweep } from '../support/sweep.ts';
import { createTemplateClient, makePicture, makeSound } from '../support/template-client.ts';
import { waitFor } from '../support/wait-for.ts';

/** In this process: it looks at what the one that is killed leaves. */
let api: TestApi;
let ours: ReturnType<typeof createTemplateClient>;
let surroundings: Surroundings;
let victim: ApiProcess;
let victimClient: TestClient;

beforeAll(async () => {
  api = await startTestApi();
  ours = createTemplateClient(api.client);
  const { databaseUrl, temporal, dataDir } = api.engine.config;
  surroundings = {
    databaseUrl,
    dataDir,
    temporalAddress: temporal.address,
    taskQueue: temporal.taskQueue,
    env: { LONGHAUL_SECRET: testSecret },
  };
});
afterAll(() => api.close());
beforeEach(async () => {
  victim = await startApi(surroundings);
  victimClient = createTestClient({ url: `${victim.url}/graphql`, apiKey: api.apiKey });
});
afterEach(async () => {
  await victim.kill9();
  await victimClient.close();
});

const pool = () => api.engine.services.database.pool;

/** All that is kept of templates: names, rows of files, and files, half-written ones too. */
async function readKept() {
  const { templates } = await api.client.query<{ templates: { nodes: { name: string; version: number }[] } }>(
    '{ templates(first: 100) { nodes { name version } } }',
  );
  const { rows } = await pool().query<{ id: string }>('select id from template_files order by id');
  const folder = join(api.engine.config.dataDir, 'storage', 'templates');
  const files: string[] = await readdir(folder, { recursive: true }).catch(() => []);
  return { templates: templates.nodes, rows: rows.map(({ id }) => id), files: files.sort() };
}

async function sweepAll(): Promise<void> {
  await ageTemplateFiles(api.engine);
  await sweep(api.engine);
}

/** Asks the process that is about to die; nobody hears the answer. */
function askVictim(field: 'createTemplate' | 'updateTemplate', input: object): void {
  void createTemplateClient(victimClient)
    .mutate(field, input)
    .catch(() => undefined);
}

const fromGlobal = (id: string) => Buffer.from(id, 'base64').toString().split(':')[1] ?? '';

describe('an API that is killed while it saves a template', () => {
  const moments = [
    ['before the copy of its logo', 'template_files', 'new.stored_at is null'],
    ['behind the copy of its logo', 'template_files', 'new.stored_at is not null'],
    ['before its first version', 'template_versions', 'true'],
  ] as const;

  test.each(moments)('%s leaves nothing that is seen or stays, and saving it again works', async (_, table, when) => {
    const before = await readKept();
    const uploadId = await api.upload('logo.png', makePicture('#00ff00'));
    const input = { name: `Ours, ${when}`, settings: { logo: { uploadId } } };
    {
      await using held = await holdWrite(pool(), table, when);
      askVictim('createTemplate', input);
      await held.reached();
      await victim.kill9();
    }
    expect((await readKept()).templates).toEqual(before.templates);
    await sweepAll();
    expect(await readKept()).toEqual(before);

    await ours.create(input.settings, input.name);
    await sweepAll();
    const id = fromGlobal(uploadId);
    expect(await readKept()).toEqual({
      templates: [{ name: input.name, version: 1 }, ...before.templates],
      rows: [...before.rows, id].sort(),
      files: [...before.files, id].sort(),
    });
  });

  test('while it changes one leaves the version that was there, with its files', async () => {
    const [first, second] = [
      await api.upload('first.png', makePicture('#00ff00')),
      await api.upload('second.mp3', await makeSound()),
    ];
    const { id } = await ours.create({ logo: { uploadId: first } }, 'Changed');
    const before = await readKept();
    {
      await using held = await holdWrite(pool(), 'template_versions', 'new.version = 2');
      askVictim('updateTemplate', { templateId: id, settings: { music: { uploadId: second } } });
      await held.reached();
      await victim.kill9();
    }
    await sweepAll();
    expect(await readKept()).toEqual(before);
    const { url } = await ours.preview({ templateId: id, item: { title: 'A', script: 'Hello.' } });
    expect((await api.fetchLink(url ?? '')).status).toBe(200);
  });
});

test('an API that is killed in the middle of the upload of a logo leaves no template, and the upload goes on', async () => {
  const before = await readKept();
  const logo = makePicture('#00ff00', 400);
  const { createUpload } = await api.client.query<{ createUpload: { upload: { id: string; uploadUrl: string } } }>(
    'mutation { createUpload(input: { fileName: "logo.png" }) { ... on CreateUploadPayload { upload { id uploadUrl } } } }',
  );
  const { id, uploadUrl } = createUpload.upload;
  const { pathname, search } = new URL(uploadUrl);
  const half = Math.floor(logo.length / 2);
  const socket = connect(Number(new URL(victim.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nhost: victim\r\ncontent-length: ${logo.length}\r\n\r\n`);
  socket.write(logo.subarray(0, half));
  const head = async () => {
    const { headers } = await fetch(`${victim.url}${pathname}${search}`, { method: 'HEAD' });
    return Number(headers.get('upload-offset'));
  };
  await waitFor(async () => (await head()) === half, { description: 'half of the logo to be there' });
  await victim.kill9();
  socket.destroy();

  expect(await ours.mutate('createTemplate', { name: 'Half', settings: { logo: { uploadId: id } } })).toMatchObject({
    __typename: 'InvalidInputError',
    message: expect.stringContaining('has no file yet: PUT it to its uploadUrl first') as string,
  });
  expect(await readKept()).toEqual(before);
  const { status } = await api.fetchLink(uploadUrl, {
    method: 'PUT',
    headers: { 'content-range': `bytes ${half}-${logo.length - 1}/${logo.length}` },
    body: new Uint8Array(logo.subarray(half)),
  });
  expect(status).toBe(201);
  await ours.create({ logo: { uploadId: id } }, 'Whole');
});

test('a worker that is killed while it sweeps files of a deleted template leaves rows that the next sweep finds', async () => {
  const uploadIds = [await api.upload('a.png', makePicture('#00ff00')), await api.upload('b.png', makePicture('#0f0'))];
  const before = await readKept();
  const kept = await ours.create({ logo: { uploadId: uploadIds[0] } }, 'Kept');
  const gone = await ours.create({ logo: { uploadId: uploadIds[1] } }, 'Gone');
  await ours.remove(gone.id);
  await ageTemplateFiles(api.engine);
  const worker = await startWorker(surroundings);
  const { client } = api.engine.services.temporal;
  const schedule = client.schedule.getHandle(maintenanceScheduleId(surroundings.taskQueue));
  await waitFor(() => schedule.describe().catch(() => null), { description: 'the schedule' });
  const [keptFile = '', goneFile = ''] = uploadIds.map(fromGlobal);
  {
    await using held = await holdWrite(pool(), 'template_files', 'true', 'delete');
    await schedule.trigger();
    await held.reached();
    await worker.kill9();
  }
  // Its file is gone, its row is not: nothing names it, and whoever saves it again copies it anew.
  const left = await readKept();
  expect(left.rows).toContain(goneFile);
  expect(left.files).not.toContain(goneFile);
  await sweepAll();
  expect(await readKept()).toEqual({
    templates: [{ name: 'Kept', version: 1 }, ...before.templates],
    rows: [...before.rows, keptFile].sort(),
    files: [...before.files, keptFile].sort(),
  });
  const { url } = await ours.preview({ templateId: kept.id, item: { title: 'A', script: 'Hello.' } });
  expect((await api.fetchLink(url ?? '')).status).toBe(200);
});
