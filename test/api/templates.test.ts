import { readFile } from 'node:fs/promises';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiKey } from '../../src/access/create-api-key.ts';
import { cleanUp } from '../../src/activities/clean-up.ts';
import { purgeJobs } from '../../src/activities/purge-jobs.ts';
import { newId } from '../../src/database/new-id.ts';
import { runFfmpeg } from '../../src/providers/ffmpeg/run-ffmpeg.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { createTestClient, type TestClient } from '../support/graphql-client.ts';
import { findTestMedia } from '../support/media-programs.ts';
import { makeWorkFolder } from '../support/work-folder.ts';

let api: TestApi;
let client: TestClient;

beforeAll(async () => {
  api = await startTestApi();
  ({ client } = api);
});
afterAll(() => api.close());

interface Answer {
  __typename: string;
  message?: string;
  issues?: { path: string[] }[];
  template?: { id: string; name: string; version: number };
  url?: string;
  warnings?: string[];
}

const answered = '__typename ... on Error { message } ... on InvalidInputError { issues { path } }';

async function mutate(field: 'createTemplate' | 'updateTemplate', input: object, by = client): Promise<Answer> {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
  const answer = await by.query<Record<string, Answer>>(
    `mutation ($input: ${type}Input!) { ${field}(input: $input) { ${answered} ... on ${type}Payload { template { id name version } } } }`,
    { input },
  );
  return answer[field] ?? { __typename: 'nothing' };
}

async function create(settings: object = {}, name = `Template ${newId()}`): Promise<{ id: string; version: number }> {
  const answer = await mutate('createTemplate', { name, settings });
  if (!answer.template) throw new Error(answer.message);
  return answer.template;
}

async function remove(templateId: string): Promise<Answer> {
  const { deleteTemplate } = await client.query<{ deleteTemplate: Answer }>(
    `mutation ($id: ID!) { deleteTemplate(input: { templateId: $id }) { __typename ... on Error { message } } }`,
    { id: templateId },
  );
  return deleteTemplate;
}

async function preview(input: object, by = client): Promise<Answer> {
  const { previewTemplate } = await by.query<{ previewTemplate: Answer }>(
    `query ($input: PreviewTemplateInput!) { previewTemplate(input: $input) { ${answered} ... on PreviewTemplatePayload { url warnings } } }`,
    { input },
  );
  return previewTemplate;
}

async function submit(video: object): Promise<Answer & { job?: { id: string } }> {
  const { submitJob } = await client.query<{ submitJob: Answer & { job?: { id: string } } }>(
    `mutation ($input: SubmitJobInput!) { submitJob(input: $input) { ${answered} ... on SubmitJobPayload { job { id } } } }`,
    { input: { title: 'Videos', spec: { video }, source: { inline: { items: [{ title: 'A', script: 'Hello.' }] } } } },
  );
  return submitJob;
}

function picture(color: string, size = 64): Buffer {
  const canvas = createCanvas(size, size);
  const context = canvas.getContext('2d');
  context.fillStyle = color;
  context.fillRect(0, 0, size, size);
  return canvas.toBuffer('image/png');
}

async function sound(): Promise<Buffer> {
  const path = `${await makeWorkFolder()}/sound.mp3`;
  const args = ['-f', 'lavfi', '-i', 'sine=duration=2', '-c:a', 'libmp3lame', path];
  await runFfmpeg(await findTestMedia(), args, AbortSignal.timeout(30_000));
  return await readFile(path);
}

const storedFiles = async () => (await api.engine.services.storage.list('templates')).files.map(({ key }) => key);
const pool = () => api.engine.services.database.pool;

const shown = `id name version usedByJobs createdBy { kind } settings { style colors { accent } voice { kind speed } safeAreaPercent }
  versions(first: 10) { nodes { version settings { style } createdBy { kind } } }`;

test('a template is made, changed version by version, listed, seen by its project alone, and deleted', async () => {
  const { id } = await create({ style: 'CLASSIC', colors: { accent: '#00FF00' } }, ' Ours ');
  const changed = await mutate('updateTemplate', {
    templateId: id,
    settings: { voice: { speed: 1.5 } },
    expectedVersion: 1,
  });
  expect(changed).toEqual({ __typename: 'UpdateTemplatePayload', template: { id, name: 'Ours', version: 2 } });
  const seen = {
    id,
    name: 'Ours',
    version: 2,
    usedByJobs: 0,
    createdBy: { kind: 'API_KEY' },
    settings: {
      style: 'MODERN',
      colors: { accent: '#FF6B35' },
      voice: { kind: 'NEUTRAL', speed: 1.5 },
      safeAreaPercent: 5,
    },
    versions: {
      nodes: [
        { version: 2, settings: { style: 'MODERN' }, createdBy: { kind: 'API_KEY' } },
        { version: 1, settings: { style: 'CLASSIC' }, createdBy: { kind: 'API_KEY' } },
      ],
    },
  };
  const list = `{ templates(first: 1) { nodes { ${shown} } } }`;
  const node = `query ($id: ID!) { node(id: $id) { ... on Template { ${shown} } } }`;
  expect(await client.query(list)).toEqual({ templates: { nodes: [seen] } });
  expect(await client.query(node, { id })).toEqual({ node: seen });
  expect(await api.stranger.query(list)).toEqual({ templates: { nodes: [] } });
  expect(await api.stranger.query(node, { id })).toEqual({ node: null });
  expect(await mutate('updateTemplate', { templateId: id, name: 'Mine' }, api.stranger)).toMatchObject({
    __typename: 'NotFoundError',
  });
  expect(await remove(id)).toEqual({ __typename: 'DeleteTemplatePayload' });
  expect(await client.query(node, { id })).toEqual({ node: null });
  expect(await remove(id)).toMatchObject({ __typename: 'NotFoundError' });
});

test('of two who change the same version the second is told, and nothing is changed', async () => {
  const { id } = await create();
  await mutate('updateTemplate', { templateId: id, settings: { style: 'MINIMAL' }, expectedVersion: 1 });
  const second = await mutate('updateTemplate', { templateId: id, settings: { style: 'CLASSIC' }, expectedVersion: 1 });
  expect(second.__typename).toBe('ConflictError');
  expect(second.message).toContain('is at version 2, not 1');
  expect(await client.query('query ($id: ID!) { node(id: $id) { ... on Template { version } } }', { id })).toEqual({
    node: { version: 2 },
  });
});

test('a name is taken once, and a template can be renamed without a new version', async () => {
  const { id } = await create({}, 'Taken');
  expect(await mutate('createTemplate', { name: 'Taken', settings: {} })).toMatchObject({
    __typename: 'ConflictError',
  });
  expect(await mutate('updateTemplate', { templateId: id, name: 'Renamed' })).toMatchObject({
    template: { name: 'Renamed', version: 1 },
  });
});

test('whoever only reads makes no template', async () => {
  const { database } = api.engine.services;
  const { projectId } = api.engine.viewer;
  const { key } = await createApiKey(database, { projectId, name: 'reader', scopes: ['READ'] });
  const reader = createTestClient({ url: `${api.url}/graphql`, apiKey: key });
  expect(await mutate('createTemplate', { name: 'No', settings: {} }, reader)).toMatchObject({
    __typename: 'PermissionDeniedError',
  });
  await reader.close();
});

describe('files of a template are refused by what they are', () => {
  const refusals: [string, 'logo' | 'music', string, () => Promise<Buffer | null>, string][] = [
    ['a logo that is text', 'logo', 'logo.png', async () => Buffer.from('no picture'), 'must hold image/png'],
    ['a logo that is cut off', 'logo', 'logo.png', async () => picture('#00ff00', 400).subarray(0, 90), 'picture'],
    ['a logo that is a sound', 'logo', 'logo.png', () => sound(), 'audio/mpeg'],
    ['music that is a picture', 'music', 'music.mp3', async () => picture('#fff'), 'not image/png'],
    ['music that is damaged', 'music', 'music.mp3', async () => Buffer.from(`ID3${'x'.repeat(500)}`), 'decoded'],
    ['a logo that never came', 'logo', 'logo.png', async () => null, 'has no file yet'],
  ];

  test.each(refusals)('%s', async (_, use, fileName, content, message) => {
    const uploadId = await api.upload(fileName, await content());
    const answer = await mutate('createTemplate', { name: newId(), settings: { [use]: { uploadId } } });
    expect(answer).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['settings', use, 'uploadId'] }],
    });
    expect(answer.message).toContain(message);
  });

  test("another project's upload", async () => {
    const uploadId = await api.upload('logo.png', picture('#00ff00'));
    const answer = await mutate('createTemplate', { name: newId(), settings: { logo: { uploadId } } }, api.stranger);
    expect(answer).toMatchObject({ __typename: 'InvalidInputError' });
    await create({ logo: { uploadId } });
    const again = await mutate('createTemplate', { name: newId(), settings: { logo: { uploadId } } }, api.stranger);
    expect(again).toMatchObject({ __typename: 'InvalidInputError', message: answer.message });
  });
});

describe('a job keeps the template that it began with', () => {
  test('whatever becomes of the template, its versions and its uploads, and its files go with the last who needs them', async () => {
    const logo = await api.upload('logo.png', picture('#00ff00'));
    const music = await api.upload('music.mp3', await sound());
    const { id } = await create({ style: 'CLASSIC', logo: { uploadId: logo }, music: { uploadId: music } });
    const submitted = await submit({ templateId: id });
    const jobId = submitted.job?.id ?? '';
    await mutate('updateTemplate', { templateId: id, settings: { style: 'MINIMAL' } });
    expect(await client.query('query ($id: ID!) { node(id: $id) { ... on Template { usedByJobs } } }', { id })).toEqual(
      {
        node: { usedByJobs: 1 },
      },
    );
    await remove(id);
    await pool().query(`update uploads set expires_at = now() - interval '1 minute'`);
    await ageFiles();
    await cleanUpAll();
    const { job } = await client.query<{ job: { options: Record<string, unknown> } }>(
      'query ($id: ID!) { job(id: $id) { options { ... on VideoOptions { templateId templateVersion template { style logo { uploadId } music { uploadId } } } } } }',
      { id: jobId },
    );
    const [logoId, musicId] = [logo, music].map((each) =>
      Buffer.from(each, 'base64').toString().replace('Upload:', ''),
    );
    expect(job.options).toEqual({
      templateId: Buffer.from(id, 'base64').toString().replace('Template:', ''),
      templateVersion: 1,
      template: { style: 'CLASSIC', logo: { uploadId: logoId }, music: { uploadId: musicId } },
    });
    expect(await storedFiles()).toEqual(expect.arrayContaining([`templates/${logoId}`, `templates/${musicId}`]));

    await client.query('mutation ($id: ID!) { cancelJob(input: { jobId: $id }) { __typename } }', { id: jobId });
    await client.query('mutation ($id: ID!) { deleteJob(input: { jobId: $id }) { __typename } }', { id: jobId });
    await pool().query('update jobs set purge_at = now() where id = $1', [
      jobId.length > 40 ? fromGlobal(jobId) : jobId,
    ]);
    await purgeJobs(api.engine.services);
    await cleanUpAll();
    const left = await storedFiles();
    expect(left).not.toContain(`templates/${logoId}`);
    expect(left).not.toContain(`templates/${musicId}`);
  });

  test('and an idempotent submit after an edit is the same job', async () => {
    const { id } = await create();
    const input = (title: string) => ({
      title,
      idempotencyKey: 'once',
      spec: { video: { templateId: id } },
      source: { inline: { items: [{ title: 'A', script: 'Hello.' }] } },
    });
    const send = () =>
      client.query<{ submitJob: { created: boolean; job: { id: string } } }>(
        'mutation ($input: SubmitJobInput!) { submitJob(input: $input) { ... on SubmitJobPayload { created job { id } } } }',
        { input: input('Once') },
      );
    const first = await send();
    await mutate('updateTemplate', { templateId: id, settings: { style: 'MINIMAL' } });
    expect(await send()).toEqual({ submitJob: { created: false, job: first.submitJob.job } });
  });

  test('and counts in the analytics of its template, also when that is deleted', async () => {
    const { id } = await create();
    const { job } = await submit({ templateId: id });
    await client.query('mutation ($id: ID!) { cancelJob(input: { jobId: $id }) { __typename } }', { id: job?.id });
    await remove(id);
    const now = Date.now();
    const range = { from: new Date(now - 3_600_000).toISOString(), to: new Date(now + 3_600_000).toISOString() };
    const { analytics } = await client.query<{
      analytics: { groups: { templateId: string | null; figures: object }[] };
    }>(
      'query ($from: DateTime!, $to: DateTime!) { analytics(from: $from, to: $to, groupBy: TEMPLATE) { groups { templateId figures { jobs canceled } } } }',
      range,
    );
    expect(analytics.groups.filter(({ templateId }) => templateId === id)).toEqual([
      { templateId: id, figures: { jobs: 1, canceled: 1 } },
    ]);
  });

  test('and is refused when it names what is not there, or too much', async () => {
    const { id } = await create();
    expect(await submit({ templateId: newId() })).toMatchObject({ __typename: 'NotFoundError' });
    expect(await submit({ templateId: id, templateVersion: 7 })).toMatchObject({ __typename: 'NotFoundError' });
    expect(await submit({ templateId: id, template: { style: 'CLASSIC' } })).toMatchObject({
      __typename: 'InvalidInputError',
    });
    expect(await submit({ template: { logo: { uploadId: newId() } } })).toMatchObject({
      __typename: 'InvalidInputError',
    });
  });
});

describe('a preview', () => {
  const item = { title: 'Ten ideas', script: 'Hello there.' };

  test('is a picture in the colors and with the logo of the template, of the size that was asked for', async () => {
    const uploadId = await api.upload('logo.png', picture('#00ff00'));
    const settings = { colors: { background: '#800000' }, logo: { uploadId, position: 'TOP_LEFT' } };
    const { id } = await create(settings);
    for (const named of [{ templateId: id }, { settings }]) {
      const answer = await preview({ ...named, item, orientation: 'SQUARE' });
      expect(answer.__typename).toBe('PreviewTemplatePayload');
      const response = await api.fetchLink(answer.url ?? '');
      expect(response.headers.get('content-type')).toBe('image/png');
      const image = await loadImage(Buffer.from(await response.arrayBuffer()));
      expect([image.width, image.height]).toEqual([720, 720]);
      const canvas = createCanvas(720, 720);
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, 360, 360);
      const green = Array.from({ length: data.length / 4 }, (_, at) => data.subarray(at * 4, at * 4 + 3)).filter(
        ([r = 0, g = 0, b = 0]) => r < 20 && g > 235 && b < 20,
      );
      expect(green.length).toBeGreaterThan(500);
    }
  });

  test('is refused with what is wrong, and shows nothing of others', async () => {
    const { id } = await create();
    expect(await preview({ templateId: id, item }, api.stranger)).toMatchObject({ __typename: 'NotFoundError' });
    expect(await preview({ item })).toMatchObject({ __typename: 'InvalidInputError' });
    expect(await preview({ templateId: id, item: { title: '', script: 'x' } })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['item', 'title'] }],
    });
    const { url = '' } = await preview({ templateId: id, item });
    const forged = url.replace(/\/previews\/\d+/, '/previews/999999');
    expect((await api.fetchLink(forged)).status).toBe(404);
  });
});

function fromGlobal(id: string): string {
  return Buffer.from(id, 'base64').toString().split(':')[1] ?? '';
}

async function ageFiles(): Promise<void> {
  await pool().query(`update template_files set created_at = now() - interval '2 hours'`);
}

async function cleanUpAll(): Promise<void> {
  const { config, services } = api.engine;
  for (let isDone = false; !isDone;) isDone = await cleanUp({ ...services, config });
}
