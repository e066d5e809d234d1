import { isInterfaceType } from 'graphql';
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requirementOf } from '../../schema/access-plugin.ts';
import { toGlobalId } from '../../schema/global-id.ts';
import { schema } from '../../schema/schema.ts';
import { generateApiKey } from '../../src/access/api-key.ts';
import { createApiKey } from '../../src/access/create-api-key.ts';
import { allows, withIncluded, type Scope } from '../../src/domain/scope.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { appendEntries, insertRunningJob } from '../support/journal.ts';
import { createTestProject, type TestViewer } from '../support/project.ts';
import { waitFor } from '../support/wait-for.ts';
import { operationsOf, type Operation } from './operations.ts';
import { absentIds, seedVictim, type Victim } from './victim.ts';

let engine: TestEngine;
let server: HttpServer;
let victim: Victim;
let other: TestViewer;
let otherJobId: string;

beforeAll(async () => {
  engine = await createTestEngine();
  const { services, config } = engine;
  const { database, log } = services;
  server = createHttpServer({ config, services, database, log, schema });
  await server.listen();
  victim = await seedVictim(engine);
  other = await createTestProject(database);
  otherJobId = await insertRunningJob(database, other);
});
afterAll(async () => {
  await server.close();
  await engine.close();
});

/** Every operation once for each of the ids; those that take none are there once. */
function operationsWith(ids: Record<string, string>, text: string): Operation[] {
  const all = Object.values(ids).flatMap((id) => operationsOf(schema, { id, text }));
  return [...new Map(all.map((operation) => [operation.document, operation])).values()];
}

interface Answer {
  status: number;
  text: string;
}

async function send({ document, kind }: Operation, authorization?: string): Promise<Answer> {
  const response = await fetch(`${server.url()}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(kind === 'subscription' ? { accept: 'text/event-stream' } : {}),
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: JSON.stringify({ query: document }),
  });
  if (kind !== 'subscription' || !response.ok) return { status: response.status, text: await response.text() };
  return { status: response.status, text: await listen(response) };
}

/** What a stream says until it ends, or until it tells of a change in a job of the stranger, before which one of the victim's was. */
async function listen(response: Response): Promise<string> {
  let text = '';
  let ended = false;
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  const reading = (async () => {
    for (;;) {
      const part = await reader?.read();
      if (!part || part.done) break;
      text += decoder.decode(part.value, { stream: true });
    }
    ended = true;
  })();
  await waitFor(
    async () => {
      if (ended || text.includes('data: {')) return true;
      await appendEntries(engine.services.database, victim.jobId, 1);
      await appendEntries(engine.services.database, otherJobId, 1);
      return false;
    },
    { description: 'the stream to end or to speak', everyMs: 10 },
  );
  await reader?.cancel();
  await reading;
  return text;
}

const uuidOf = (id: string) => Buffer.from(id, 'base64').toString('utf8').replace(/^\w+:/, '');

/** An answer without what the stranger said itself, and without the name of the request. */
function normalized({ status, text }: Answer, ids: Record<string, string>, sentText: string): Answer {
  const sent = Object.values(ids).flatMap((id) => [id, uuidOf(id)]);
  let rest = text.replace(/"requestId":"[^"]*"/g, '"requestId":""');
  for (const each of [...sent, sentText]) rest = rest.replaceAll(each, '…');
  return { status, text: rest };
}

/** What became of it, without the figures and names of something new. */
function outcome(answer: Answer, { kind }: Operation): unknown {
  // A stream that speaks tells of the stranger's own jobs, or else it has told a secret.
  if (kind === 'subscription' && answer.text.includes('data: {"data":{')) return 'own changes';
  if (kind !== 'mutation') return answer;
  const { data, errors } = JSON.parse(answer.text) as {
    data?: Record<string, { __typename: string }>;
    errors?: unknown;
  };
  const [result] = Object.values(data ?? {});
  return result?.__typename.endsWith('Payload') ? result.__typename : { result, errors };
}

function codesOf({ text }: Answer): string[] {
  return [...text.matchAll(/"code":"([A-Z_]+)"/g)].map(([, code]) => code ?? '');
}

/** Sends everything with the victim's ids and with ids of nothing, and holds the answers side by side. */
async function expectNothing(authorization: string, secrets: readonly string[]): Promise<void> {
  const absent = absentIds();
  const absentText = 'absent-0123456789ab-key';
  const before = await victim.rows();
  const known = operationsWith(victim.ids, victim.text);
  const unknown = operationsWith(absent, absentText);
  expect(known.length).toBe(unknown.length);
  const leaks: unknown[] = [];
  const compare = async (operation: Operation, index: number) => {
    const twin = unknown[index] ?? operation;
    const answer = normalized(await send(operation, authorization), victim.ids, victim.text);
    const twinAnswer = normalized(await send(twin, authorization), absent, absentText);
    const leaked = secrets.filter((secret) => answer.text.includes(secret));
    const [one, two] = [outcome(answer, operation), outcome(twinAnswer, twin)];
    if (leaked.length > 0) leaks.push({ document: operation.document, leaked });
    if (JSON.stringify(one) !== JSON.stringify(two)) leaks.push({ document: operation.document, one, two });
  };
  const limit = pLimit(6);
  // Queries first, while nothing changes what the stranger has itself.
  for (const kind of ['query', 'mutation', 'subscription']) {
    await Promise.all(
      known.map((operation, index) => limit(async () => operation.kind === kind && (await compare(operation, index)))),
    );
  }
  expect(leaks).toEqual([]);
  // The streams above wrote entries into the victim's journal.
  const rows = await victim.rows();
  expect(withoutJournal(rows)).toEqual(withoutJournal(before));
}

function withoutJournal(rows: unknown): unknown {
  return JSON.parse(JSON.stringify(rows), (name, value: unknown) =>
    ['last_sequence', 'updated_at', 'settled_at'].includes(name) ? undefined : value,
  );
}

test('every type that is a Node is among what strangers try', () => {
  const node = schema.getType('Node');
  const types = isInterfaceType(node) ? schema.getPossibleTypes(node).map(({ name }) => name) : [];
  expect(types.length).toBeGreaterThan(0);
  expect(Object.keys(victim.ids), 'Give the victim in victim.ts one of each.').toEqual(
    expect.arrayContaining([...types]),
  );
});

test('its owner finds each of these things by its id, and all that strangers must not see', async () => {
  const operations = operationsWith(victim.ids, victim.text).filter(({ kind }) => kind === 'query');
  const answers = await Promise.all(
    operations.map(async (operation) => ({ operation, ...(await send(operation, `Bearer ${owner().apiKey}`)) })),
  );
  const failed = answers.filter(
    ({ status, text, operation }) =>
      status !== 200 || (text.includes('"errors"') && !operation.name.includes('previewSource')),
  );
  expect(failed.map(({ operation, text }) => `${operation.document} ${text}`)).toEqual([]);
  const seen = answers.map(({ text }) => text).join();
  for (const secret of [victim.marker, victim.adminMarker]) expect(seen).toContain(secret);
  for (const type of ['Job', 'Chunk', 'Export', 'Upload']) expect(seen).toContain(`{"node":{"__typename":"${type}"`);
});

function owner(): TestViewer {
  // createTestEngine makes its viewer by createTestProject.
  return engine.viewer as TestViewer;
}

describe('Nothing is answered', () => {
  const refused: [string, () => Promise<string | undefined>][] = [
    ['without credentials', async () => undefined],
    ['with an unknown key', async () => `Bearer ${generateApiKey()}`],
    ['with an expired key', () => makeKey({ sql: 'expires_at = now()' })],
    ['with a revoked key', () => makeKey({ sql: 'revoked_at = now()' })],
    ['with an expired follow token', async () => `Bearer ${await followToken(victim.jobId, -1)}`],
    ['with a token that nobody signed', async () => 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.'],
  ];

  test.each(refused)('%s: 401 for every field', async (_, credentials) => {
    const authorization = await credentials();
    const answers = new Set<string>();
    for (const operation of operationsOf(schema, { id: victim.ids['Job'] ?? '', text: victim.text })) {
      const { status, text } = normalized(await send(operation, authorization), victim.ids, victim.text);
      answers.add(`${status} ${text}`);
    }
    expect(answers.size).toBe(1);
    expect([...answers][0]).toMatch(/^401 .*UNAUTHENTICATED/);
  });

  async function makeKey({ sql }: { sql: string }): Promise<string> {
    const { database } = engine.services;
    const { key, apiKey } = await createApiKey(database, { projectId: engine.viewer.projectId, name: 'old' });
    await database.pool.query(`update api_keys set ${sql} where id = $1`, [apiKey.id]);
    return `Bearer ${key}`;
  }
});

test("an administrator of another project gets and changes nothing, and cannot tell others' things from none", async () => {
  const secrets = [victim.marker, victim.adminMarker, owner().projectName, owner().projectId];
  await expectNothing(`Bearer ${other.apiKey}`, secrets);
});

test('a follow token for another job of the same project gets and changes nothing either', async () => {
  const { database } = engine.services;
  const jobId = await insertRunningJob(database, engine.viewer, 'Another job');
  const secrets = [victim.marker, victim.adminMarker];
  await expectNothing(`Bearer ${await followToken(jobId, 3_600)}`, secrets);
});

test.each<Scope>(['READ', 'SUBMIT', 'CONTROL'])(
  'a key for %s is refused what asks for more, whatever is named',
  async (scope) => {
    const { database } = engine.services;
    const { key } = await createApiKey(database, { projectId: owner().projectId, name: 'limited', scopes: [scope] });
    const before = await victim.rows();
    const holder = { scopes: withIncluded([scope]), jobId: null };
    const passed: string[] = [];
    let tried = 0;
    for (const operation of operationsWith(
      { ...victim.ids, none: toGlobalId('Job', engine.viewer.projectId) },
      victim.text,
    )) {
      const requirement = requirementOf(operation.field);
      if (requirement === null || allows(holder, requirement)) continue;
      tried += 1;
      const answer = await send(operation, `Bearer ${key}`);
      if (JSON.stringify(codesOf(answer)) !== '["PERMISSION_DENIED"]')
        passed.push(`${operation.document} ${answer.text}`);
    }
    expect(tried).toBeGreaterThan(0);
    expect(passed).toEqual([]);
    expect(await victim.rows()).toEqual(before);
  },
);

test('what only administrators see of a project is refused to others field by field', async () => {
  const { database } = engine.services;
  const { key } = await createApiKey(database, {
    projectId: owner().projectId,
    name: 'reader',
    scopes: ['CONTROL', 'SUBMIT'],
  });
  const told: string[] = [];
  for (const operation of operationsWith(victim.ids, victim.text).filter(({ kind }) => kind === 'query')) {
    const { text } = normalized(await send(operation, `Bearer ${key}`), victim.ids, victim.text);
    if (text.includes(victim.adminMarker)) told.push(operation.document);
  }
  expect(told).toEqual([]);
});

async function followToken(jobId: string, seconds: number): Promise<string> {
  const { createFollowTokens } = await import('../../src/access/follow-token.ts');
  const { caller, projectId } = engine.viewer;
  return await createFollowTokens(engine.config.secret).sign({
    projectId,
    jobId,
    by: { kind: 'API_KEY', id: caller.id },
    expiresAt: new Date(Date.now() + seconds * 1_000),
  });
}

describe('Beside GraphQL', () => {
  const absent = absentIds();

  test.each([
    ['GET', 'exports', 'Export'],
    ['HEAD', 'exports', 'Export'],
    ['PUT', 'uploads', 'Upload'],
  ])('%s /%s/<id> without a right signature is the same whether it is there or not', async (method, folder, type) => {
    const { uploads } = engine.services;
    const mine = await uploads.createUpload(other, { fileName: 'mine.csv' });
    const signed = new URL(uploads.uploadUrl(mine)).search;
    for (const search of ['', '?expires=4102444800&signature=AAAA', signed]) {
      const [known, unknown] = await Promise.all(
        [victim.ids, absent].map(async (ids) => {
          const path = `/${folder}/${uuidOf(ids[type] ?? '')}${search}`;
          const body = method === 'PUT' ? { body: 'a,b' } : {};
          const response = await fetch(server.url() + path, { method, ...body });
          return { status: response.status, text: await response.text() };
        }),
      );
      expect(known).toEqual(unknown);
      expect(known?.status).toBe(404);
    }
  });

  test.each(['/', '/graphql', '/healthz', '/readyz', '/metrics', '/api_keys', '/uploads', '/exports/', '/files/'])(
    'GET %s tells nothing of anybody',
    async (path) => {
      for (const accept of ['*/*', 'text/html', 'application/json']) {
        const text = await (await fetch(server.url() + path, { headers: { accept } })).text();
        for (const secret of [victim.marker, victim.adminMarker, owner().projectName, victim.jobId]) {
          expect(text).not.toContain(secret);
        }
      }
    },
  );
});
