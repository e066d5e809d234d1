import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProject } from '../../src/access/create-project.ts';
import { generateApiKey } from '../../src/access/api-key.ts';
import { registerKey } from '../../src/access/create-api-key.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { holdWrite } from '../support/hold-write.ts';

let api: TestApi;
let destinationsDir: string;

beforeAll(async () => {
  destinationsDir = await mkdtemp(join(tmpdir(), 'longhaul-destinations-'));
  api = await startTestApi(undefined, {}, { destinationsDir });
});
afterAll(async () => {
  await api.close();
  await rm(destinationsDir, { recursive: true, force: true });
});

type Answer = { __typename: string; message?: string } & Record<string, unknown>;

/** What all of them are answered, when each has come to its write before any of them is made. */
async function atOnce<T>(table: string, requests: readonly (() => Promise<T>)[]): Promise<T[]> {
  const held = await holdWrite(api.engine.services.database.pool, table, 'true');
  const answers = Promise.all(requests.map((request) => request()));
  try {
    await held.reached(requests.length);
  } finally {
    await held[Symbol.asyncDispose]();
  }
  return await answers;
}

async function ask(mutation: string, fields: string, input: Record<string, unknown>): Promise<Answer> {
  const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}`;
  const answer = await api.client.query<Record<string, Answer>>(
    `mutation ($input: ${type}Input!) { ${mutation}(input: $input) { __typename ... on ${type}Payload { ${fields} } ... on Error { message } } }`,
    { input },
  );
  return answer[mutation] ?? { __typename: 'nothing' };
}

const kinds = (answers: readonly Answer[]) => answers.map(({ __typename }) => __typename).sort();
const refusal = (answers: readonly Answer[]) => answers.find(({ message }) => message !== undefined)?.message;

const connect = (name: string, more: Record<string, unknown> = {}) =>
  ask('connectDestination', 'destination { id name }', { name, place: { folder: { folder: 'june' } }, ...more });

test('of two who connect a destination of one name the second is told what it would be told later', async () => {
  const answers = await atOnce('destinations', [() => connect('Videos'), () => connect('Videos')]);
  expect(kinds(answers)).toEqual(['ConflictError', 'ConnectDestinationPayload']);
  const later = await connect('Videos');
  expect(later).toEqual({ __typename: 'ConflictError', message: refusal(answers) });
});

test('of two destinations that get one name the second keeps its own', async () => {
  const ids = [];
  for (const name of ['A', 'B']) ids.push((await connect(name)).destination);
  const renames = ids.map((each) => () => connect('C', { replaces: (each as { id: string }).id }));
  expect(kinds(await atOnce('destinations', renames))).toEqual(['ConflictError', 'ConnectDestinationPayload']);
  const { destinations } = await api.client.query<{ destinations: { nodes: { name: string }[] } }>(
    '{ destinations(first: 10) { nodes { name } } }',
  );
  const names = destinations.nodes.map(({ name }) => name).filter((name) => name.length === 1);
  expect(names.sort()).toEqual([expect.stringMatching(/[AB]/), 'C']);
});

const createTemplate = (name: string) => ask('createTemplate', 'template { id }', { name, settings: {} });

test('of two who create a template of one name, or give two that name, the second is told so', async () => {
  const answers = await atOnce('templates', [() => createTemplate('Look'), () => createTemplate('Look')]);
  expect(kinds(answers)).toEqual(['ConflictError', 'CreateTemplatePayload']);
  expect(await createTemplate('Look')).toEqual({ __typename: 'ConflictError', message: refusal(answers) });
  const renames = [];
  for (const name of ['One', 'Two']) {
    const { template } = await createTemplate(name);
    const templateId = (template as { id: string }).id;
    renames.push(() => ask('updateTemplate', 'template { id }', { templateId, name: 'Three' }));
  }
  expect(kinds(await atOnce('templates', renames))).toEqual(['ConflictError', 'UpdateTemplatePayload']);
});

const submit = (idempotencyKey: string, title: string) =>
  ask('submitJob', 'created job { id }', {
    title,
    idempotencyKey,
    spec: { echo: {} },
    source: { inline: { items: [{ value: 'a' }] } },
  });

test('two who submit a job under one key get one job, and with another input the second is told so', async () => {
  const same = await atOnce('jobs', [() => submit('k1', 'Same'), () => submit('k1', 'Same')]);
  expect(same.map(({ created }) => String(created)).sort()).toEqual(['false', 'true']);
  expect(new Set(same.map(({ job }) => (job as { id: string }).id)).size).toBe(1);
  const other = await atOnce('jobs', [() => submit('k2', 'One'), () => submit('k2', 'Another')]);
  expect(kinds(other)).toEqual(['ConflictError', 'SubmitJobPayload']);
  expect(refusal(other)).toMatch(/^The idempotency key "k2" belongs to job /);
});

test('two who add a user to a project have added one', async () => {
  const add = (role: string) => () =>
    ask('addProjectMember', 'member { userId }', { userId: 'user-1', name: null, role });
  const answers = await atOnce('project_members', [add('VIEWER'), add('ADMIN')]);
  expect(kinds(answers)).toEqual(['AddProjectMemberPayload', 'AddProjectMemberPayload']);
});

test('two who make a project of one name, or install one key, have made one', async () => {
  const { database } = api.engine.services;
  const make = () =>
    createProject(database, { name: 'Twice' }).then(
      () => 'made',
      (error: Error) => error.message,
    );
  expect((await atOnce('projects', [make, make])).sort()).toEqual(['There is a project "Twice" already.', 'made']);
  const key = generateApiKey();
  const { projectId } = api.engine.viewer;
  const install = () => registerKey(database, { projectId, name: 'Twice', key });
  const [first, second] = await atOnce('api_keys', [install, install]);
  expect(first?.id).toBe(second?.id);
});
