import { parse, type ExecutionResult } from 'graphql';
import { createSchema, isAsyncIterable } from 'graphql-yoga';
import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { noMetrics } from '../metrics/metrics.ts';
import { makeViewer } from '../../test/support/journal.ts';
import type { Viewer } from '../jobs/commands.ts';
import { createEngine } from './engine.ts';
import { defaultLimits } from './limits.ts';
import type { OperationContext } from './operation-context.ts';

const events = [{ number: 1 }, { number: 2 }];
let resolved: number[] = [];
beforeEach(() => {
  resolved = [];
});

const shared = {
  extensions: { isShared: true },
  subscribe: async function* () {
    yield* events;
  },
  resolve: (event: unknown) => event,
};

const engine = createEngine({
  schema: createSchema<OperationContext>({
    typeDefs: /* GraphQL */ `
      type Query {
        nothing: Int
      }
      type Event {
        number: Int
        project: String
        caller: String
        twice(by: Int): Int
        broken: Int
      }
      type Subscription {
        shared(after: Int = 0): Event
        own: Event
      }
    `,
    resolvers: {
      Event: {
        number: ({ number }: { number: number }) => {
          resolved.push(number);
          return number;
        },
        project: (_: unknown, __: unknown, { viewer }: OperationContext) => viewer.projectId,
        caller: (_: unknown, __: unknown, { viewer }: OperationContext) => viewer.caller.name,
        twice: ({ number }: { number: number }, { by }: { by: number }) => number * by,
        broken: () => {
          throw new Error('password=hunter2');
        },
      },
      Subscription: { shared, own: { ...shared, extensions: {} } },
    },
  }),
  log: pino({ level: 'silent' }),
  limits: defaultLimits,
  metrics: noMetrics,
});

async function read(query: string, viewer: Viewer, variables = {}, requestId = 'test'): Promise<ExecutionResult[]> {
  const context: OperationContext = { services: {}, viewer, requestId, signal: new AbortController().signal };
  const { schema, subscribe, contextFactory } = engine.getEnveloped(context);
  const document = parse(query);
  const results: unknown = await subscribe({
    schema,
    document,
    variableValues: variables,
    contextValue: await contextFactory(),
  });
  if (!isAsyncIterable<ExecutionResult>(results)) throw new Error('It was refused.');
  // Objects of GraphQL have no prototype: compared with literals they differ.
  return JSON.parse(JSON.stringify(await Array.fromAsync(results))) as ExecutionResult[];
}

test('readers of one project who ask the same share one execution of each event, and get the same', async () => {
  const viewer = makeViewer();
  const first = await read('subscription { shared { number project } }', viewer);
  const second = await read('subscription { shared { number project } }', makeViewer(viewer.projectId));
  expect(first).toEqual([1, 2].map((number) => ({ data: { shared: { number, project: viewer.projectId } } })));
  expect(second).toEqual(first);
  expect(resolved).toEqual([1, 2]);
});

test('others never share: another project, other scopes, a token for one job', async () => {
  const viewer = makeViewer();
  const stranger = makeViewer();
  const others = [stranger, { ...viewer, scopes: ['READ'] as const }, { ...viewer, jobId: 'one' }];
  await read('subscription { shared { number project } }', viewer);
  for (const other of others) {
    const [result] = await read('subscription { shared { number project } }', other);
    expect(result).toEqual({ data: { shared: { number: 1, project: other.projectId } } });
  }
  expect(resolved).toEqual([1, 2, 1, 2, 1, 2, 1, 2]);
});

test('another text or another variable is another result', async () => {
  const viewer = makeViewer();
  const query = 'subscription ($by: Int) { shared { number twice(by: $by) } }';
  expect((await read(query, viewer, { by: 2 }))[1]).toEqual({ data: { shared: { number: 2, twice: 4 } } });
  expect((await read(query, viewer, { by: 3 }))[1]).toEqual({ data: { shared: { number: 2, twice: 6 } } });
  expect((await read('subscription { shared { twice(by: 5) } }', viewer))[1]).toEqual({
    data: { shared: { twice: 10 } },
  });
});

test('readers who begin at different places share what both get', async () => {
  const viewer = makeViewer();
  const query = 'subscription ($after: Int, $by: Int) { shared(after: $after) { number twice(by: $by) } }';
  await read(query, viewer, { after: 0, by: 2 });
  expect(await read(query, viewer, { after: 1, by: 2 })).toHaveLength(2);
  expect(resolved).toEqual([1, 2]);
});

test('what differs between those who share is not there for a resolver to tell', async () => {
  const [result] = await read('subscription { shared { caller } }', makeViewer());
  expect(result).toMatchObject({ data: { shared: { caller: null } }, errors: [{ path: ['shared', 'caller'] }] });
});

test('an error is told to each reader under the id of its own request', async () => {
  const viewer = makeViewer();
  const query = 'subscription { shared { broken } }';
  for (const requestId of ['a', 'b']) {
    const [result] = await read(query, viewer, {}, requestId);
    expect(result).toMatchObject({ data: { shared: { broken: null } }, errors: [{ extensions: { requestId } }] });
  }
});

test('a field that does not say so shares nothing', async () => {
  const viewer = makeViewer();
  for (let reader = 0; reader < 2; reader += 1) await read('subscription { own { number caller } }', viewer);
  expect(resolved).toEqual([1, 2, 1, 2]);
});
