import { schema } from '../../schema/schema.ts';
import type { Limits } from '../../src/domain/limits.ts';
import { createHttpServer } from '../../src/http/server.ts';
import type { TestDatabase } from './database.ts';
import { createTestEngine, type TestEngine, type TestSettings } from './engine.ts';
import { createTestClient, type TestClient } from './graphql-client.ts';
import { createTestProject } from './project.ts';

/** All of Longhaul with its HTTP edge, in this process, and two who use it. */
export interface TestApi {
  engine: TestEngine;
  /** http://127.0.0.1:port, without a path. */
  url: string;
  /** The key of `client`. */
  apiKey: string;
  client: TestClient;
  /** Somebody of another project. */
  stranger: TestClient;
  /** Announces a file and, unless its content is null, sends it; answers the id of its upload. */
  upload(fileName: string, content: string | Buffer | null): Promise<string>;
  /** Asks for a signed link of the API. Links carry the public URL; the server under test listens on another port. */
  fetchLink(link: string, init?: RequestInit): Promise<Response>;
  /** The journal of a job from its first entry to its last, once it is over. */
  follow(jobId: string): Promise<{ __typename: string; sequence: string }[]>;
  close(): Promise<void>;
}

/** @param testDatabase closed with the API; an empty one of its own unless given */
export async function startTestApi(
  testDatabase?: TestDatabase,
  limits: Partial<Limits> = {},
  settings: TestSettings = {},
): Promise<TestApi> {
  const engine = await createTestEngine(testDatabase, limits, settings);
  const { services, config } = engine;
  const { database, log } = services;
  const server = createHttpServer({ config, services, database, log, schema });
  await server.listen();
  const url = server.url();
  const { apiKey } = engine.viewer;
  const { apiKey: strangeKey } = await createTestProject(database);
  const client = createTestClient({ url: `${url}/graphql`, apiKey });
  const stranger = createTestClient({ url: `${url}/graphql`, apiKey: strangeKey });

  const fetchLink = (link: string, init?: RequestInit) => {
    const { pathname, search } = new URL(link);
    return fetch(`${url}${pathname}${search}`, init);
  };
  return {
    engine,
    url,
    apiKey,
    client,
    stranger,
    fetchLink,
    upload: async (fileName, content) => {
      const { createUpload } = await client.query<{ createUpload: { upload: { id: string; uploadUrl: string } } }>(
        'mutation ($fileName: String!) { createUpload(input: { fileName: $fileName }) { ... on CreateUploadPayload { upload { id uploadUrl } } } }',
        { fileName },
      );
      const { id, uploadUrl } = createUpload.upload;
      if (content === null) return id;
      const { status } = await fetchLink(uploadUrl, { method: 'PUT', body: new Uint8Array(Buffer.from(content)) });
      if (status !== 201) throw new Error(`${fileName} was answered with ${status}.`);
      return id;
    },
    follow: async (jobId) => {
      const messages = await client
        .subscribe<{ jobEvents: { __typename: string; sequence: string } }>(
          'subscription ($id: ID!) { jobEvents(jobId: $id) { __typename sequence } }',
          { id: jobId },
        )
        .all();
      return messages.map(({ jobEvents }) => jobEvents);
    },
    close: async () => {
      await client.close();
      await stranger.close();
      await server.close();
      await engine.close();
    },
  };
}
