import { Readable } from 'node:stream';
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiKey } from '../../src/access/create-api-key.ts';
import { purgeJobs } from '../../src/activities/purge-jobs.ts';
import { newId } from '../../src/database/new-id.ts';
import { createUrlSigner } from '../../src/storage/signed-url.ts';
import { expirePreviews, previewPlace } from '../../src/templates/preview-key.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { createTestClient, type TestClient } from '../support/graphql-client.ts';
import { findColor, readPicture } from '../support/pixels.ts';
import { ageTemplateFiles, sweep } from '../support/sweep.ts';
import { createTemplateClient, makePicture, makeSound, type TemplateAnswer } from '../support/template-client.ts';

let api: TestApi;
let client: TestClient;
let ours: ReturnType<typeof createTemplateClient>;
let theirs: ReturnType<typeof createTemplateClient>;

beforeAll(async () => {
  api = await startTestApi();
  ({ client } = api);
  ours = createTemplateClient(client);
  theirs = createTemplateClient(api.stranger);
});
afterAll(() => api.close());

type Answer = TemplateAnswer;

const storedFiles = async () => (await api.engine.services.storage.list('templates')).files.map(({ key }) => key);
const pool = () => api.engine.services.database.pool;

const shown = `id name version usedByJobs createdBy { kind } settings { style colors { accent } voice { kind speed } safeAreaPercent }
  versions(first: 10) { nodes { version settings { style } createdBy { kind } } }`;

test('a template is made, changed version by version, listed, seen by its project alone, and deleted', async () => {
  const { id } = await ours.create({ style: 'CLASSIC', colors: { accent: '#00FF00' } }, ' Ours ');
  const changed = await ours.mutate('updateTemplate', {
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
  expect(await theirs.mutate('updateTemplate', { templateId: id, name: 'Mine' })).toMatchObject({
    __typename: 'NotFoundError',
  });
  expect(await ours.remove(id)).toEqual({ __typename: 'DeleteTemplatePayload' });
  expect(await client.query(node, { id })).toEqual({ node: null });
  expect(await ours.remove(id)).toMatchObject({ __typename: 'NotFoundError' });
});

test('of two who change the same version the second is told, and nothing is changed', async () => {
  const { id } = await ours.create();
  await ours.mutate('updateTemplate', { templateId: id, settings: { style: 'MINIMAL' }, expectedVersion: 1 });
  const second = await ours.mutate('updateTemplate', {
    templateId: id,
    settings: { style: 'CLASSIC' },
    expectedVersion: 1,
  });
  expect(second.__typename).toBe('ConflictError');
  expect(second.message).toContain('is at version 2, not 1');
  expect(await client.query('query ($id: ID!) { node(id: $id) { ... on Template { version } } }', { id })).toEqual({
    node: { version: 2 },
  });
});

test('a name is taken once, and a template can be renamed without a new version', async () => {
  const { id } = await ours.create({}, 'Taken');
  expect(await ours.mutate('createTemplate', { name: 'Taken', settings: {} })).toMatchObject({
    __typename: 'ConflictError',
  });
  expect(await ours.mutate('updateTemplate', { templateId: id, name: 'Renamed' })).toMatchObject({
    template: { name: 'Renamed', version: 1 },
  });
});

test('whoever only reads makes no template', async () => {
  const { database } = api.engine.services;
  const { projectId } = api.engine.viewer;
  const { key } = await createApiKey(database, { projectId, name: 'reader', scopes: ['READ'] });
  const reader = createTestClient({ url: `${api.url}/graphql`, apiKey: key });
  expect(await createTemplateClient(reader).mutate('createTemplate', { name: 'No', settings: {} })).toMatchObject({
    __typename: 'PermissionDeniedError',
  });
  await reader.close();
});

describe('files of a template are refused by what they are', () => {
  const refusals: [string, 'logo' | 'music', string, () => Promise<Buffer | null>, string][] = [
    ['a logo that is text', 'logo', 'logo.png', async () => Buffer.from('no picture'), 'must hold image/png'],
    ['a logo that is cut off', 'logo', 'logo.png', async () => makePicture('#00ff00', 400).subarray(0, 90), 'picture'],
    ['a logo that is a sound', 'logo', 'logo.png', () => makeSound(), 'audio/mpeg'],
    ['music that is a picture', 'music', 'music.mp3', async () => makePicture('#fff'), 'not image/png'],
    ['music that is damaged', 'music', 'music.mp3', async () => Buffer.from(`ID3${'x'.repeat(500)}`), 'decoded'],
    ['a logo that never came', 'logo', 'logo.png', async () => null, 'has no file yet'],
  ];

  test.each(refusals)('%s', async (_, use, fileName, content, message) => {
    const uploadId = await api.upload(fileName, await content());
    const answer = await ours.mutate('createTemplate', { name: newId(), settings: { [use]: { uploadId } } });
    expect(answer).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['settings', use, 'uploadId'] }],
    });
    expect(answer.message).toContain(message);
  });

  test("another project's upload", async () => {
    const uploadId = await api.upload('logo.png', makePicture('#00ff00'));
    const answer = await theirs.mutate('createTemplate', { name: newId(), settings: { logo: { uploadId } } });
    expect(answer).toMatchObject({ __typename: 'InvalidInputError' });
    await ours.create({ logo: { uploadId } });
    const again = await theirs.mutate('createTemplate', { name: newId(), settings: { logo: { uploadId } } });
    expect(again).toMatchObject({ __typename: 'InvalidInputError', message: answer.message });
  });
});

describe('a job keeps the template that it began with', () => {
  test('whatever becomes of the template, its versions and its uploads, and its files go with the last who needs them', async () => {
    const logo = await api.upload('logo.png', makePicture('#00ff00'));
    const music = await api.upload('music.mp3', await makeSound());
    const { id } = await ours.create({ style: 'CLASSIC', logo: { uploadId: logo }, music: { uploadId: music } });
    const submitted = await ours.submit({ templateId: id });
    const jobId = submitted.job?.id ?? '';
    await ours.mutate('updateTemplate', { templateId: id, settings: { style: 'MINIMAL' } });
    expect(await client.query('query ($id: ID!) { node(id: $id) { ... on Template { usedByJobs } } }', { id })).toEqual(
      {
        node: { usedByJobs: 1 },
      },
    );
    await ours.remove(id);
    await pool().query(`update uploads set expires_at = now() - interval '1 minute'`);
    await ageTemplateFiles(api.engine);
    await sweep(api.engine);
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
    await pool().query('update jobs set purge_at = now() where id = $1', [fromGlobal(jobId)]);
    await purgeJobs(api.engine.services);
    await sweep(api.engine);
    const left = await storedFiles();
    expect(left).not.toContain(`templates/${logoId}`);
    expect(left).not.toContain(`templates/${musicId}`);
  });

  test('and an idempotent submit after an edit is the same job', async () => {
    const { id } = await ours.create();
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
    await ours.mutate('updateTemplate', { templateId: id, settings: { style: 'MINIMAL' } });
    expect(await send()).toEqual({ submitJob: { created: false, job: first.submitJob.job } });
  });

  test('and counts in the analytics of its template, also when that is deleted', async () => {
    const { id } = await ours.create();
    const { job } = await ours.submit({ templateId: id });
    await client.query('mutation ($id: ID!) { cancelJob(input: { jobId: $id }) { __typename } }', { id: job?.id });
    await ours.remove(id);
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

  test('and is refused when it names what is not there', async () => {
    const { id } = await ours.create();
    const unknown = newId();
    expect(await ours.submit({ templateId: unknown })).toEqual({
      __typename: 'NotFoundError',
      message: `There is no template "${unknown}" in this project: \`templates\` lists those that there are.`,
    });
    const answer = await ours.submit({ templateId: id, templateVersion: 7 });
    expect(answer.__typename).toBe('NotFoundError');
    expect(answer.message).toContain('has no version 7: its newest is 1.');
  });
});

describe('what is wrong with a template is told with the path of what was sent', () => {
  const wrongColor = { colors: { accent: 'red' } };
  const noLogo = { logo: { uploadId: newId() } };
  const item = { title: 'Ten ideas', script: 'Hello there.' };
  const wrong: [string, () => Promise<Answer>, string[]][] = [
    ['the name', () => ours.mutate('createTemplate', { name: ' ', settings: {} }), ['name']],
    [
      'a color',
      () => ours.mutate('createTemplate', { name: 'A', settings: wrongColor }),
      ['settings', 'colors', 'accent'],
    ],
    ['a logo', () => ours.mutate('createTemplate', { name: 'A', settings: noLogo }), ['settings', 'logo', 'uploadId']],
    ['a color of a preview', () => ours.preview({ settings: wrongColor, item }), ['settings', 'colors', 'accent']],
    ['a logo of a preview', () => ours.preview({ settings: noLogo, item }), ['settings', 'logo', 'uploadId']],
    [
      'a script of a preview that says nothing',
      () => ours.preview({ settings: {}, item: { ...item, script: '# Heading' } }),
      ['item', 'script'],
    ],
    [
      'a color of a job',
      () => ours.submit({ template: wrongColor }),
      ['spec', 'video', 'template', 'colors', 'accent'],
    ],
    ['a logo of a job', () => ours.submit({ template: noLogo }), ['spec', 'video', 'template', 'logo', 'uploadId']],
    ['a version of nothing', () => ours.submit({ templateVersion: 1 }), ['spec', 'video', 'templateVersion']],
    [
      'settings beside a template',
      async () => await ours.submit({ templateId: (await ours.create()).id, template: {} }),
      ['spec', 'video', 'template'],
    ],
  ];

  test.each(wrong)('%s', async (_, send, path) => {
    const { __typename, issues, message } = await send();
    expect({ __typename, issues }).toEqual({ __typename: 'InvalidInputError', issues: [{ path }] });
    expect(message).toMatch(/^[A-Za-z].{20,}\.$/);
  });
});

describe('a preview', () => {
  const item = { title: 'Ten ideas', script: 'Hello there.' };

  test('is a picture in the colors and with the logo of the template, of the size that was asked for', async () => {
    const uploadId = await api.upload('logo.png', makePicture('#00ff00'));
    const settings = { colors: { background: '#800000' }, logo: { uploadId, position: 'TOP_LEFT' } };
    const { id } = await ours.create(settings);
    for (const named of [{ templateId: id }, { settings }]) {
      const answer = await ours.preview({ ...named, item, orientation: 'SQUARE' });
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

  test('of 4K is drawn at half its size', async () => {
    const answer = await ours.preview({ settings: {}, item, resolution: 'P2160' });
    const response = await api.fetchLink(answer.url ?? '');
    const { width, height } = await loadImage(Buffer.from(await response.arrayBuffer()));
    expect([width, height]).toEqual([1_920, 1_080]);
  });

  test('ends at the moment that it says: its link tells what to do, and its file is swept', async () => {
    const { url = '', expiresAt = '' } = await ours.preview({ settings: {}, item });
    const { pathname } = new URL(url);
    const { storage } = api.engine.services;
    const before = new Date(Date.parse(expiresAt) - 1_000);
    expect(await expirePreviews(storage, 100, before.getTime())).toBe(0);
    expect((await api.fetchLink(url)).status).toBe(200);

    const over = new Date(Date.now() - 1_000);
    const { sign } = createUrlSigner(api.engine.config);
    expect(await storage.head(pathname.slice(1))).not.toBeNull();
    const late = await api.fetchLink(sign({ method: 'GET', path: pathname, expiresAt: over }));
    expect([late.status, await late.json()]).toEqual([
      404,
      {
        errors: [
          {
            message: 'There is nothing here: not found or expired. Ask the API for a new link.',
            extensions: { code: 'NOT_FOUND' },
          },
        ],
      },
    ]);

    const past = previewPlace(newId(), Date.now() - 3 * 3_600_000);
    await storage.put(past.key, Readable.from(['a picture']));
    await sweep(api.engine);
    expect(await storage.head(past.key)).toBeNull();
    expect(await storage.head(pathname.slice(1))).not.toBeNull();
    expect(await expirePreviews(storage, 100, Date.parse(expiresAt))).toBeGreaterThan(0);
    expect((await api.fetchLink(url)).status).toBe(404);
  });

  test('of each template in a list is drawn when somebody looks at it, once for each version', async () => {
    const { id } = await ours.create({ colors: { background: '#800000' } });
    const readUrl = async () => {
      const { node } = await client.query<{ node: { previewUrl: string } }>(
        'query ($id: ID!) { node(id: $id) { ... on Template { previewUrl } } }',
        { id },
      );
      return node.previewUrl;
    };
    const isStored = async (url: string) =>
      (await api.engine.services.storage.head(new URL(url).pathname.slice(1))) !== null;
    const url = await readUrl();
    expect(await isStored(url)).toBe(false);
    const response = await api.fetchLink(url);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
    const drawn = await readPicture(Buffer.from(await response.arrayBuffer()));
    expect([drawn.width, drawn.height]).toEqual([1_280, 720]);
    expect(findColor(drawn, '#800000', 40).count).toBeGreaterThan(1_000);
    expect(await isStored(url)).toBe(true);

    await ours.mutate('updateTemplate', { templateId: id, settings: { colors: { background: '#000080' } } });
    const next = await readUrl();
    expect(new URL(next).pathname).not.toBe(new URL(url).pathname);
    await ours.remove(id);
    expect((await api.fetchLink(next)).status).toBe(404);
    expect((await api.fetchLink(url.replace(/signature=./, 'signature=x'))).status).toBe(404);
  });

  test('is refused with what is wrong, and shows nothing of others', async () => {
    const { id } = await ours.create();
    expect(await theirs.preview({ templateId: id, item })).toMatchObject({ __typename: 'NotFoundError' });
    expect(await ours.preview({ item })).toMatchObject({ __typename: 'InvalidInputError' });
    expect(await ours.preview({ templateId: id, item: { title: '', script: 'x' } })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['item', 'title'] }],
    });
    const { url = '' } = await ours.preview({ templateId: id, item });
    const forged = url.replace(/\/previews\/\d+/, '/previews/999999');
    expect((await api.fetchLink(forged)).status).toBe(404);
  });
});

function fromGlobal(id: string): string {
  return Buffer.from(id, 'base64').toString().split(':')[1] ?? '';
}
