import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/database/new-id.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { ageTemplateFiles, sweep } from '../support/sweep.ts';
import { createTemplateClient, makePicture } from '../support/template-client.ts';

let api: TestApi;
let ours: ReturnType<typeof createTemplateClient>;

beforeAll(async () => {
  api = await startTestApi();
  ours = createTemplateClient(api.client);
  await api.engine.startWorker({}, { DEFAULT: 4, ENCODE: 1 });
});
afterAll(() => api.close());

describe('a job that runs again', () => {
  interface Run {
    generation: number;
    options: { templateVersion: number | null; style: string | null; template: { style: string } };
  }

  const readRuns = async (id: string) => {
    const { job } = await api.client.query<{ job: { generations: Run[] } }>(
      `query ($id: ID!) { job(id: $id) { generations { generation
         options { ... on VideoOptions { templateVersion style template { style } } } } } }`,
      { id },
    );
    return job.generations;
  };
  test('uses the version that was the newest when its options were changed, in that run and those after it', async () => {
    const first = await ours.create({ style: 'CLASSIC' });
    const other = await ours.create({ style: 'MINIMAL' });
    // A script that says nothing fails at once, every time.
    const id = (await ours.submit({ templateId: first.id }, '# Heading')).job?.id ?? '';
    await api.follow(id);
    await ours.mutate('updateTemplate', { templateId: first.id, settings: { style: 'CORPORATE' } });

    await ours.retry(id);
    await api.follow(id);
    await ours.retry(id, { templateId: first.id });
    await ours.mutate('updateTemplate', { templateId: first.id, settings: { style: 'MODERN' } });
    await api.follow(id);
    await ours.retry(id, { templateId: other.id, style: 'CLASSIC' });
    await ours.remove(other.id);
    await api.follow(id);
    await ours.retry(id);
    await api.follow(id);

    const asGiven = { templateVersion: 1, style: null, template: { style: 'CLASSIC' } };
    const changed = { templateVersion: 1, style: 'CLASSIC', template: { style: 'MINIMAL' } };
    expect((await readRuns(id)).toSorted((a, b) => a.generation - b.generation)).toEqual([
      { generation: 0, options: asGiven },
      { generation: 1, options: asGiven },
      { generation: 2, options: { templateVersion: 2, style: null, template: { style: 'CORPORATE' } } },
      { generation: 3, options: changed },
      { generation: 4, options: changed },
    ]);
    expect(await ours.retry(id, { template: { logo: { uploadId: newId() } } })).toMatchObject({
      __typename: 'InvalidInputError',
      issues: [{ path: ['spec', 'video', 'template', 'logo', 'uploadId'] }],
    });
    expect(await ours.retry(id, { templateId: other.id })).toMatchObject({ __typename: 'NotFoundError' });
  }, 60_000);

  test('holds the files of the template that it was given for a retry, when both templates are gone', async () => {
    const [before, after] = [
      await api.upload('before.png', makePicture('#00ff00')),
      await api.upload('after.png', makePicture('#0000ff')),
    ];
    const templates = [
      await ours.create({ logo: { uploadId: before } }),
      await ours.create({ logo: { uploadId: after } }),
    ];
    const id = (await ours.submit({ templateId: templates[0]?.id }, '# Heading')).job?.id ?? '';
    await api.follow(id);
    await ours.retry(id, { templateId: templates[1]?.id });
    await api.follow(id);
    for (const template of templates) await ours.remove(template.id);
    await ageTemplateFiles(api.engine);
    await sweep(api.engine);
    const keys = [before, after].map((each) => `templates/${fromGlobal(each)}`);
    expect(await storedKeys()).toEqual(expect.arrayContaining(keys));
  }, 60_000);
});

const storedKeys = async () => (await api.engine.services.storage.list('templates')).files.map(({ key }) => key);
const fromGlobal = (id: string) => Buffer.from(id, 'base64').toString().split(':')[1] ?? '';
