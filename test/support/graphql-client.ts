import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { z } from 'zod';

type Variables = Record<string, unknown>;

export interface GraphQLAnswer<Data> {
  data?: Data | null;
  errors?: readonly { message: string; path?: readonly (string | number)[]; extensions?: Record<string, unknown> }[];
}

/** What a subscription sends, queued, so that a test reads at its own pace and misses nothing. */
export interface Messages<Data> {
  /** The next message. @throws Error when the server ends the subscription, or when it answers with errors. */
  next(): Promise<Data>;
  /** All messages up to the end that the server sets. */
  all(): Promise<Data[]>;
  /** Unsubscribes. */
  return(): Promise<void>;
}

export interface TestClient {
  /** The data of a query or mutation. @throws Error when the answer has errors. */
  query<Data>(document: string, variables?: Variables): Promise<Data>;
  /** The whole answer, errors included. */
  send<Data>(document: string, variables?: Variables): Promise<GraphQLAnswer<Data>>;
  subscribe<Data>(document: string, variables?: Variables): Messages<Data>;
  /** Cuts the socket without a word, as a dead network does. Open subscriptions end with an error; new ones open a new socket. */
  cut(): void;
  /** Closes the socket in order. */
  close(): Promise<void>;
}

/** A client of the API at `url` (http://…/graphql) with an API key, or without one. */
export function createTestClient({ url, apiKey }: { url: string; apiKey?: string | null }): TestClient {
  const authorization = apiKey ? `Bearer ${apiKey}` : undefined;
  const socket = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: authorization === undefined ? {} : { authorization },
    retryAttempts: 0,
  });

  const send = async <Data>(query: string, variables: Variables = {}): Promise<GraphQLAnswer<Data>> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
      body: JSON.stringify({ query, variables }),
    });
    // The test states the shape that its document asks for; what it then asserts proves it.
    return (await response.json()) as GraphQLAnswer<Data>;
  };

  return {
    send,
    query: async <Data>(document: string, variables?: Variables) => toData(await send<Data>(document, variables)),
    subscribe: <Data>(query: string, variables: Variables = {}): Messages<Data> => {
      // The same: the document decides the shape.
      const results = socket.iterate<Data & Record<string, unknown>>({ query, variables });
      const next = async () => {
        const result = await results.next().catch(throwReadable);
        if (result.done === true) throw new Error('The subscription ended; no further message comes.');
        return toData<Data>(result.value);
      };
      const all = async () => {
        const messages: Data[] = [];
        for (;;) {
          const result = await results.next().catch(throwReadable);
          if (result.done === true) return messages;
          messages.push(toData<Data>(result.value));
        }
      };
      return { next, all, return: async () => void (await results.return?.()) };
    },
    cut: () => socket.terminate(),
    close: async () => socket.dispose(),
  };
}

function toData<Data>({ data, errors }: GraphQLAnswer<Data>): Data {
  if (errors !== undefined) throw new Error(`The answer has errors: ${JSON.stringify(errors)}`);
  if (data === undefined || data === null) throw new Error('The answer has no data.');
  return data;
}

/** graphql-ws throws the errors of a refused subscription as an array, and the close event of a lost socket as it is. */
function throwReadable(thrown: unknown): never {
  if (thrown instanceof Error) throw thrown;
  const close = closeEvent.safeParse(thrown);
  const reason = close.success
    ? `the socket closed with ${close.data.code} ${close.data.reason}`
    : JSON.stringify(thrown);
  throw new Error(`The subscription broke off: ${reason}`, { cause: thrown });
}

const closeEvent = z.object({ code: z.number(), reason: z.string() });
