import type { IncomingMessage, ServerResponse } from 'node:http';
import { DeleteBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { JobEntity } from '../../src/database/entities/job.ts';
import { createDestinations } from '../../src/destinations/destinations.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { connectDestination, gcsPlace, s3Place } from '../support/destinations.ts';
import { s3Keys, startTestGcs, startTestS3, type ObjectStore } from '../support/object-stores.ts';
import { answerXml, refuseAsS3, startStoreFront, type StoreFront } from '../support/store-front.ts';

let stores: { s3: ObjectStore | null; gcs: ObjectStore | null };
let fronts: { s3: StoreFront; gcs: StoreFront };
let api: TestApi;
/** Of destinations at both, in buckets of their own. */
let ids: { s3: string; gcs: string };

beforeAll(async () => {
  const [s3, gcs] = await Promise.all([startTestS3(), startTestGcs()]);
  stores = { s3, gcs };
  if (s3 === null || gcs === null) return;
  fronts = { s3: await startStoreFront(s3.endpoint), gcs: await startStoreFront(gcs.endpoint, 'OF_STORE') };
  for (const store of [s3, gcs]) for (const bucket of ['videos', 'gone']) await store.createBucket(bucket);
  api = await startTestApi(undefined, {}, { gcsEndpoint: fronts.gcs.endpoint });
  ids = {
    s3: await connectDestination(api.client, 'At S3', s3Place('videos', fronts.s3.endpoint)),
    gcs: await connectDestination(api.client, 'At Google', gcsPlace('videos')),
  };
});
afterAll(async () => {
  await api?.close();
  for (const front of Object.values(fronts ?? {})) await front[Symbol.asyncDispose]();
  await stores.s3?.stop();
  await stores.gcs?.stop();
});
beforeEach((context) => {
  if (stores.s3 === null || stores.gcs === null) context.skip('There are no object stores for this machine.');
});
afterEach(() => {
  for (const front of Object.values(fronts ?? {})) front.answer = null;
});

/** What a job that delivers there is answered; none is stored that is refused. */
async function submit(destinationId: string) {
  const { database } = api.engine.services;
  const before = await database.em().count(JobEntity);
  const { submitJob } = await api.client.query<{
    submitJob: { __typename: string; problem?: string; message?: string };
  }>(
    `mutation ($input: SubmitJobInput!) { submitJob(input: $input) { __typename
       ... on StorageRefusedError { problem } ... on Error { message } } }`,
    {
      input: {
        title: 'Videos',
        spec: { video: { destinationId } },
        source: { inline: { items: [{ title: 'Clip', script: 'A clip.' }] } },
      },
    },
  );
  const stored = (await database.em().count(JobEntity)) - before;
  expect(stored).toBe(submitJob.__typename === 'SubmitJobPayload' ? 1 : 0);
  return submitJob;
}

/** As Google refuses. */
const refuseAsGoogle = (code: number, message: string) => (response: ServerResponse) =>
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { code, message } }));

const always = () => true;
const isDelete = ({ method }: IncomingMessage) => method === 'DELETE';
const probe = 'ours/longhaul-probe-[0-9a-f-]{36}';
const elsewhere =
  '<Error><Code>AuthorizationHeaderMalformed</Code><Message>The region is wrong.</Message><Region>eu-central-1</Region></Error>';

describe('a job is refused at once, with what to do, when its destination', () => {
  test.each([
    [
      'is known no more with these credentials, at S3',
      's3',
      always,
      refuseAsS3(403, 'InvalidAccessKeyId'),
      'WRONG_CREDENTIALS',
      `At S3": s3://videos: could not write ${probe}: the credentials are not known there, or the secret does not belong to the key.`,
    ],
    [
      'is known no more with these credentials, at Google',
      'gcs',
      always,
      refuseAsGoogle(401, 'Invalid Credentials'),
      'WRONG_CREDENTIALS',
      `At Google": gs://videos: could not write ${probe}: the credentials are not known there, or the secret does not belong to the key.`,
    ],
    [
      'lets files be written but not deleted, at S3',
      's3',
      isDelete,
      refuseAsS3(403, 'AccessDenied'),
      'NO_PERMISSION',
      `At S3": s3://videos: could not delete ${probe}: the credentials do not allow it. They need to read, write, list and delete below the prefix.`,
    ],
    [
      'lets files be written but not deleted, at Google',
      'gcs',
      isDelete,
      refuseAsGoogle(403, 'The account does not have storage.objects.delete access.'),
      'NO_PERMISSION',
      `At Google": gs://videos: could not delete ${probe}: the credentials do not allow it. They need to read, write, list and delete below the prefix.`,
    ],
    [
      'lets files be written but not read',
      's3',
      ({ method }: IncomingMessage) => method === 'GET',
      refuseAsS3(403, 'AccessDenied'),
      'NO_PERMISSION',
      `At S3": s3://videos: could not read ${probe}: the credentials do not allow it. They need to read, write, list and delete below the prefix.`,
    ],
    [
      'is in another region',
      's3',
      always,
      (response: ServerResponse) => answerXml(response, 400, elsewhere),
      'WRONG_REGION',
      `At S3": s3://videos: could not write ${probe}: the bucket is in eu-central-1. Give that as its region.`,
    ],
    [
      'is sent on to another region',
      's3',
      always,
      (response: ServerResponse) => {
        response.setHeader('x-amz-bucket-region', 'eu-west-3');
        refuseAsS3(301, 'PermanentRedirect')(response);
      },
      'WRONG_REGION',
      `At S3": s3://videos: could not write ${probe}: the bucket is in eu-west-3. Give that as its region.`,
    ],
    [
      'breaks every connection off',
      's3',
      always,
      (response: ServerResponse) => response.destroy(),
      'UNREACHABLE',
      `At S3": s3://videos: could not write ${probe}: it does not answer (.*). Check the endpoint, and that this server may reach it.`,
    ],
  ] as const)('%s', async (_, store, isRefused, refuse, problem, message) => {
    fronts[store].answer = (request) => (isRefused(request) ? refuse : null);
    expect(await submit(ids[store])).toEqual({
      __typename: 'StorageRefusedError',
      problem,
      message: expect.stringMatching(new RegExp(`^Destination "${message}$`)),
    });
  });

  test('has lost its bucket', async () => {
    const gone = {
      s3: await connectDestination(api.client, 'S3', s3Place('gone', fronts.s3.endpoint)),
      gcs: await connectDestination(api.client, 'Google', gcsPlace('gone')),
    };
    const endpoint = stores.s3?.endpoint ?? '';
    const client = new S3Client({
      endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { ...s3Keys.owner },
    });
    await client.send(new DeleteBucketCommand({ Bucket: 'gone' }));
    client.destroy();
    await fetch(`${stores.gcs?.endpoint}/storage/v1/b/gone`, { method: 'DELETE' });
    for (const [store, name] of [
      ['s3', 'S3'],
      ['gcs', 'Google'],
    ] as const) {
      const refused = await submit(gone[store]);
      expect(refused).toMatchObject({ __typename: 'StorageRefusedError', problem: 'NO_BUCKET' });
      expect(refused.message).toMatch(new RegExp(`^Destination "${name}": .*there is no such bucket. Create it`));
    }
  });

  test('does not answer in time', async () => {
    const { database } = api.engine.services;
    const hasty = createDestinations({ database, config: api.engine.config, probeTimeoutMs: 200 });
    const { projectId } = api.engine.viewer;
    const message = (name: string) =>
      `Destination "${name}": it took longer than 0.2 s to write, read and delete a small file. Check the endpoint, and that this server may reach it.`;
    for (const [store, name] of [
      ['s3', 'At S3'],
      ['gcs', 'At Google'],
    ] as const) {
      fronts[store].answer = () => () => undefined;
      const refused = { problem: 'UNREACHABLE', retryable: true, message: message(name) };
      await expect(hasty.checkDestination(projectId, ids[store])).rejects.toMatchObject(refused);
    }
  });

  test('has an address that is not public, or is so no more', async () => {
    const { database } = api.engine.services;
    const fetch = { allowedNetworks: [], timeoutMs: 1_000 };
    const strict = createDestinations({ database, config: { ...api.engine.config, fetch } });
    fronts.s3.requests.length = 0;
    await expect(strict.checkDestination(api.engine.viewer.projectId, ids.s3)).rejects.toMatchObject({
      problem: 'FORBIDDEN_ADDRESS',
      retryable: false,
      message: expect.stringMatching(
        /its address is not public, and was not asked\. Whoever runs this server can allow its network by LONGHAUL_FETCH_ALLOWED_NETWORKS\.$/,
      ),
    });
    expect(fronts.s3.requests).toEqual([]);
  });
});

test('a job is accepted while its destination works, and nothing of the probe stays there', async () => {
  for (const store of ['s3', 'gcs'] as const) {
    fronts[store].requests.length = 0;
    expect(await submit(ids[store])).toEqual({ __typename: 'SubmitJobPayload' });
    expect(fronts[store].requests.length).toBeGreaterThan(2);
    const storage = await api.engine.services.destinations.openDestination(api.engine.viewer.projectId, ids[store]);
    const written =
      decodeURIComponent(fronts[store].requests.join(' ')).match(/longhaul-probe-[0-9a-f-]{36}/)?.[0] ?? '';
    expect(await storage.head(written)).toBeNull();
  }
});
