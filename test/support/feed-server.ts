import { GraphQLScalarType, type GraphQLSchema } from 'graphql';
import { createSchema } from 'graphql-yoga';
import { pino, type Logger } from 'pino';
import { createApiKey } from '../../src/access/create-api-key.ts';
import { createProject } from '../../src/access/create-project.ts';
import type { JwtConfig } from '../../src/config/jwt-config.ts';
import { NotFoundError } from '../../src/domain/errors.ts';
import type { HttpLimits } from '../../src/http/limits.ts';
import type { OperationContext } from '../../src/http/operation-context.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import type { Viewer } from '../../src/jobs/commands.ts';
import { createJobFeed, type JobFeed } from '../../src/jobs/feed/job-feed.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { makeViewer } from './journal.ts';
import { testSecret } from './secret.ts';

export interface FeedServer {
  db: TestDatabase;
  feed: JobFeed;
  http: HttpServer;
  /** http://127.0.0.1:port */
  url: string;
  apiKey: string;
  viewer: Viewer;
  /** Everything that was logged, one JSON object a line. */
  logged: string[];
  log: Logger;
  schema: GraphQLSchema;
  /** Messages that `flood` has produced so far, over all its subscribers. */
  flooded(): number;
  close(): Promise<void>;
}

/** The real HTTP server over a real database, with a schema that has just what tests of the transport need. */
export async function startFeedServer({
  limits = {},
  jwt = null,
}: { limits?: Partial<HttpLimits>; jwt?: JwtConfig | null } = {}): Promise<FeedServer> {
  const db = await createTestDatabase();
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) });
  const project = await createProject(db.database, { name: 'test' });
  const { key, apiKey } = await createApiKey(db.database, { projectId: project.id, name: 'test' });
  const feed = createJobFeed({ database: db.database, log });
  const flood = { produced: 0 };
  const schema = makeSchema(feed, flood);
  const http = createHttpServer({
    config: { host: '127.0.0.1', port: 0, secret: testSecret, jwt },
    services: {
      uploads: { receive: async (_request, response, url) => void response.end(`received ${url.pathname}`) },
      exports: { download: () => Promise.reject(new NotFoundError('There is no such export.')) },
      itemFiles: { download: () => Promise.reject(new NotFoundError('There is no such file.')) },
      templates: { downloadPreview: () => Promise.reject(new NotFoundError('There is no such file.')) },
    },
    database: db.database,
    log,
    schema,
    limits,
  });
  await http.listen();
  return {
    db,
    feed,
    http,
    url: http.url(),
    apiKey: key,
    viewer: { ...makeViewer(project.id), caller: { kind: 'API_KEY', id: apiKey.id, name: apiKey.name } },
    logged,
    log,
    schema,
    flooded: () => flood.produced,
    async close() {
      await http.close();
      await feed.close();
      await db.close();
    },
  };
}

const typeDefs = /* GraphQL */ `
  scalar Day
  type Query {
    projectName: String!
    missing: String
    broken: String
    away: String
    awayOnly: String!
    echo(text: String): String
    on(day: Day): String
  }
  type Mutation {
    touch: Boolean
  }
  type JobEvent {
    sequence: Int!
    type: String!
  }
  type Job {
    id: ID!
    title: String!
    state: String!
    lastSequence: Int!
  }
  type Subscription {
    jobEvents(jobId: ID!, afterSequence: Int = 0): JobEvent!
    jobProgress(jobId: ID!): Job!
    jobsChanged: Job!
    flood: String!
    brokenStream: Int!
  }
`;

interface Arguments {
  jobId: string;
  afterSequence: number;
}

function makeSchema(feed: JobFeed, flood: { produced: number }) {
  return createSchema<OperationContext>({
    typeDefs,
    resolvers: {
      Day: new GraphQLScalarType({ name: 'Day', parseValue: refuseDay }),
      Query: {
        projectName: (_: unknown, _arguments: unknown, { viewer }: OperationContext) => viewer.projectName,
        missing: () => Promise.reject(new NotFoundError('There is no such thing.')),
        away: refuseConnection,
        awayOnly: refuseConnection,
        broken: () => Promise.reject(new Error('password=hunter2')),
        echo: (_: unknown, { text }: { text?: string }) => text,
      },
      Mutation: { touch: () => true },
      Subscription: {
        jobEvents: {
          subscribe: (_: unknown, { jobId, afterSequence }: Arguments, { viewer }: OperationContext) =>
            feed.events(viewer, jobId, afterSequence),
          resolve: (event: unknown) => event,
        },
        jobProgress: {
          subscribe: (_: unknown, { jobId }: Arguments, { viewer }: OperationContext) => feed.progress(viewer, jobId),
          resolve: (job: unknown) => job,
        },
        jobsChanged: {
          subscribe: (_: unknown, _arguments: unknown, { viewer }: OperationContext) => feed.changes(viewer, null),
          resolve: (job: unknown) => job,
        },
        flood: {
          async *subscribe() {
            for (;;) {
              flood.produced += 1;
              yield { flood: 'x'.repeat(50_000) };
            }
          },
        },
        brokenStream: {
          async *subscribe() {
            yield { brokenStream: 1 };
            throw new Error('password=hunter2');
          },
        },
      },
    },
  });
}

/** As the driver fails while Postgres is away. */
function refuseConnection(): Promise<never> {
  return Promise.reject(Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' }));
}

function refuseDay(value: unknown): never {
  throw new TypeError(`${String(value)} is no day.`);
}

export function parseLog(lines: readonly string[]): Record<string, unknown>[] {
  // pino writes one object a line.
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
