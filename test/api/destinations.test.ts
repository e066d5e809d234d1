import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createApiKey } from '../../src/access/create-api-key.ts';
import { DestinationEntity } from '../../src/database/entities/destination.ts';
import { JobEntity } from '../../src/database/entities/job.ts';
import { createDestinations, type Destinations } from '../../src/destinations/destinations.ts';
import { NotFoundError, StorageRefusedError } from '../../src/domain/errors.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { createServiceAccount } from '../support/destinations.ts';
import { createTestClient, type TestClient } from '../support/graphql-client.ts';
import { s3Keys, startTestGcs, startTestS3, type ObjectStore } from '../support/object-stores.ts';

let s3: ObjectStore | null;
let gcs: ObjectStore | null;
let api: TestApi;
let client: TestClient;
let destinationsDir: string;
let destinations: Destinations;

beforeAll(async () => {
  [s3, gcs] = await Promise.all([startTestS3(), startTestGcs()]);
  await s3?.createBucket('videos');
  await gcs?.createBucket('videos');
  destinationsDir = await mkdtemp(join(tmpdir(), 'longhaul-destinations-'));
  api = await startTestApi(undefined, {}, { destinationsDir, gcsEndpoint: gcs?.endpoint ?? null });
  ({ client } = api);
  ({ destinations } = api.engine.services);
});
afterAll(async () => {
  await api.close();
  await rm(destinationsDir, { recursive: true, force: true });
  await s3?.stop();
  await gcs?.stop();
});
beforeEach((context) => {
  if (s3 === null || gcs === null) context.skip('There are no object stores for this machine.');
});

const fields = 'id name kind bucket prefix region endpoint';
const { owner, reader } = s3Keys;

interface Refusal {
  __typename: string;
  message: string;
  problem?: string;
}
interface Connected {
  destination: { id: string; name: string };
}

async function connect(input: Record<string, unknown>, by = client): Promise<Refusal & Connected> {
  const { connectDestination } = await by.query<{ connectDestination: Refusal & Connected }>(
    `mutation ($input: ConnectDestinationInput!) { connectDestination(input: $input) {
       __typename ... on ConnectDestinationPayload { destination { ${fields} } } ... on Error { message } ... on StorageRefusedError { problem } } }`,
    { input },
  );
  return connectDestination;
}

async function disconnect(destinationId: string): Promise<Refusal> {
  const { disconnectDestination } = await client.query<{ disconnectDestination: Refusal }>(
    `mutation ($id: ID!) { disconnectDestination(input: { destinationId: $id }) { __typename ... on Error { message } } }`,
    { id: destinationId },
  );
  return disconnectDestination;
}

function s3Place(change: Record<string, unknown> = {}) {
  return { s3: { bucket: 'videos', prefix: '/ours/', endpoint: s3?.endpoint, ...owner, ...change } };
}

const serviceAccount = createServiceAccount();

function gcsPlace(change: Record<string, unknown> = {}, key: unknown = serviceAccount) {
  return { gcs: { bucket: 'videos', serviceAccountKey: JSON.stringify(key), ...change } };
}

test('a bucket is connected once a probe went through, seen by its project, and forgotten', async () => {
  const answer = await connect({ name: ' Our videos ', place: s3Place() });
  const { destination } = answer;
  const seen = {
    id: destination.id,
    name: 'Our videos',
    kind: 'S3',
    bucket: 'videos',
    prefix: 'ours/',
    region: null,
    endpoint: s3?.endpoint,
  };
  expect(answer).toEqual({ __typename: 'ConnectDestinationPayload', destination: seen });
  const list = `{ destinations(first: 10) { nodes { ${fields} } } }`;
  expect(await client.query(list)).toEqual({ destinations: { nodes: [seen] } });
  expect(await api.stranger.query(list)).toEqual({ destinations: { nodes: [] } });
  const node = `query ($id: ID!) { node(id: $id) { ... on Destination { ${fields} } } }`;
  expect(await client.query(node, { id: destination.id })).toEqual({ node: seen });
  expect(await api.stranger.query(node, { id: destination.id })).toEqual({ node: null });
  const [row] = await api.engine.services.database.em().find(DestinationEntity, {});
  expect(JSON.stringify(row)).not.toContain(owner.secretAccessKey);
  expect(row?.sealedCredentials).toMatch(/^[\w-]{80,}$/);
  expect(await disconnect(destination.id)).toEqual({ __typename: 'DisconnectDestinationPayload' });
  expect(await client.query(list)).toEqual({ destinations: { nodes: [] } });
  expect(await disconnect(destination.id)).toMatchObject({ __typename: 'NotFoundError' });
});

describe('a bucket is refused with what is wrong with it', () => {
  test.each([
    ['there is none', () => s3Place({ bucket: 'nothing' }), 'NO_BUCKET'],
    ['the secret is wrong', () => s3Place({ secretAccessKey: 'wrong' }), 'WRONG_CREDENTIALS'],
    ['the key is unknown', () => s3Place({ accessKeyId: 'nobody' }), 'WRONG_CREDENTIALS'],
    ['the key may only read', () => s3Place(reader), 'NO_PERMISSION'],
    ['there is none at Google', () => gcsPlace({ bucket: 'nothing' }), 'NO_BUCKET'],
  ])('when %s', async (_, place, problem) => {
    const answer = await connect({ name: 'Refused', place: place() });
    expect(answer).toMatchObject({ __typename: 'StorageRefusedError', problem });
    expect(answer.message).toMatch(/^Destination "Refused": (s3|gs):\/\/(videos|nothing): could not write /);
  });

  test('when nothing listens there, or when its address is not public', async () => {
    const endpoint = `http://localhost:${await pickPort(0)}`;
    const silent = await connect({ name: 'Refused', place: s3Place({ endpoint }) });
    expect(silent).toMatchObject({ __typename: 'StorageRefusedError', problem: 'UNREACHABLE' });
    expect(silent.message).not.toContain('127.0.0.1');
    const { database } = api.engine.services;
    const fetch = { allowedNetworks: [], timeoutMs: 1_000 };
    const strict = createDestinations({ database, config: { ...api.engine.config, fetch } });
    for (const host of ['127.0.0.1', 'localhost', '169.254.169.254', '[::1]']) {
      const place = { s3: { ...s3Place().s3, endpoint: `http://${host}:${new URL(s3?.endpoint ?? '').port}` } };
      const refused = await strict
        .connectDestination(api.engine.viewer, { name: 'Inner', ...place }, null)
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(StorageRefusedError);
      expect(refused).toMatchObject({ problem: 'FORBIDDEN_ADDRESS' });
    }
  });

  test.each([
    ['no region at Amazon', () => s3Place({ endpoint: null }), 'region'],
    ['a region that would be a host', () => s3Place({ region: 'x.evil.example/' }), 'region'],
    ['an endpoint with a path', () => s3Place({ endpoint: 'https://s3.example.com/path' }), 'endpoint'],
    ['a name that is none', () => s3Place({ bucket: 'Not/A/Bucket' }), 'bucket'],
    ['a prefix that climbs', () => s3Place({ prefix: '../other' }), 'prefix'],
    ['a key that is no file of Google', () => gcsPlace({}, 'a key'), 'serviceAccountKey'],
    [
      'a key that names a program to run',
      () => gcsPlace({}, { ...serviceAccount, type: 'external_account' }),
      'service',
    ],
    ['a folder that climbs', () => ({ folder: { folder: '..' } }), 'folder'],
  ])('before anything is asked: %s', async (_, place, word) => {
    const answer = await connect({ name: 'Refused', place: place() });
    expect(answer.__typename).toBe('InvalidInputError');
    expect(answer.message).toContain(word);
  });

  test('by the API, to whoever is no ADMIN', async () => {
    const { database } = api.engine.services;
    const { projectId } = api.engine.viewer;
    const { key } = await createApiKey(database, { projectId, name: 'submitter', scopes: ['SUBMIT', 'CONTROL'] });
    const submitter = createTestClient({ url: `${api.url}/graphql`, apiKey: key });
    expect(await connect({ name: 'Mine', place: s3Place() }, submitter)).toMatchObject({
      __typename: 'PermissionDeniedError',
    });
    await submitter.close();
  });
});

test.each([
  ['S3', s3Place, true],
  ['Google Cloud Storage', gcsPlace, true],
  ['a folder', () => ({ folder: { folder: 'june' } }), false],
])('files are delivered to %s', async (name, place, hasLinks) => {
  const { projectId } = api.engine.viewer;
  const { destination } = await connect({ name, place: place() });
  const storage = await destinations.openDestination(projectId, destination.id);
  await storage.put('a/video.mp4', Readable.from(['frames']), { contentType: 'video/mp4' });
  const listed = (await storage.list('a')).files.map(({ key }) => key);
  expect(listed).toEqual(['a/video.mp4']);
  const expiresAt = new Date(Date.now() + 60_000);
  const link = await storage.linkTo('a/video.mp4', { method: 'GET', expiresAt });
  expect(link === null).toBe(!hasLinks);
  const answer = link === null ? null : await fetch(link);
  expect([await answer?.text(), answer?.headers.get('content-type')]).toEqual(
    hasLinks ? ['frames', 'video/mp4'] : [undefined, undefined],
  );
  await disconnect(destination.id);
  await expect(destinations.openDestination(projectId, destination.id)).rejects.toThrow(NotFoundError);
});

test('folders are below that of the project, and only where the operator allows them', async () => {
  const { projectId } = api.engine.viewer;
  expect(await readdir(join(destinationsDir, projectId))).toEqual(['june']);
  const { database } = api.engine.services;
  const none = createDestinations({ database, config: { ...api.engine.config, destinationsDir: null } });
  const refused = none.connectDestination(api.engine.viewer, { name: 'Here', folder: { folder: 'june' } }, null);
  await expect(refused).rejects.toThrow('LONGHAUL_DESTINATIONS_DIR');
});

test('a destination gets new credentials in its place, and its name is its own', async () => {
  const { projectId } = api.engine.viewer;
  const { destination } = await connect({ name: 'Rotated', place: s3Place() });
  const before = await destinations.openDestination(projectId, destination.id);
  expect(await connect({ name: 'Rotated', place: s3Place() })).toMatchObject({ __typename: 'ConflictError' });
  const replaced = await connect({ name: 'Renamed', place: s3Place({ prefix: 'new' }), replaces: destination.id });
  expect(replaced.destination).toMatchObject({ id: destination.id, name: 'Renamed', prefix: 'new/' });
  const after = await destinations.openDestination(projectId, destination.id);
  await after.put('a', Readable.from(['x']));
  expect([await before.head('a'), await after.head('a')]).toEqual([null, { byteSize: 1 }]);
  await disconnect(destination.id);
});

describe('a job that delivers to a destination', () => {
  async function submit(destinationId: string): Promise<string> {
    const { id } = await api.engine.submit();
    const { database } = api.engine.services;
    // No job type of this test has such an option; what looks at it does not ask which type it is.
    await database.em().nativeUpdate(JobEntity, { id }, { options: { destinationId } });
    return id;
  }

  test('keeps it from being disconnected until it has ended, and does not begin when it no longer works', async () => {
    const { destination } = await connect({ name: 'Used', place: s3Place() });
    const jobId = await submit(destination.id);
    const refused = await disconnect(destination.id);
    expect(refused).toMatchObject({ __typename: 'ConflictError', message: expect.stringContaining(`${jobId} (Echo)`) });
    const { database } = api.engine.services;
    const broken = { bucket: 'nothing', updatedAt: new Date() };
    await database.em().nativeUpdate(DestinationEntity, { name: 'Used' }, broken);
    const worker = await api.engine.startWorker();
    const job = await api.engine.reach(jobId, 'FAILED');
    expect(job.error).toContain('there is no such bucket');
    await worker.stop();
    expect(await disconnect(destination.id)).toEqual({ __typename: 'DisconnectDestinationPayload' });
  });
});
