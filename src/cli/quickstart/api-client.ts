import { createClient } from 'graphql-ws';
import { z } from 'zod';
import { RefusedError } from './refused-error.ts';

export interface ApiClient {
  /** @throws RefusedError */
  request<T>(document: string, variables: Record<string, unknown>, data: z.ZodType<T>): Promise<T>;
  /** Every answer of a subscription; it is taken up again when the connection breaks. @throws RefusedError */
  subscribe<T>(document: string, variables: Record<string, unknown>, data: z.ZodType<T>): AsyncIterable<T>;
  close(): Promise<void>;
}

const answer = z.object({ data: z.unknown(), errors: z.array(z.object({ message: z.string() })).optional() });

/** A client as anyone could write it: HTTP for queries and mutations, graphql-transport-ws for subscriptions. */
export function createApiClient(endpoint: string, apiKey: string): ApiClient {
  const authorization = `Bearer ${apiKey}`;
  const socket = createClient({
    url: endpoint.replace(/^http/, 'ws'),
    connectionParams: { authorization },
    retryAttempts: 30,
    shouldRetry: () => true,
  });

  return {
    request: async (document, variables, data) => {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ query: document, variables }),
        signal: AbortSignal.timeout(30_000),
      });
      return read(await response.json(), data);
    },
    subscribe: async function* (document, variables, data) {
      for await (const result of socket.iterate({ query: document, variables })) yield read(result, data);
    },
    close: async () => {
      await socket.dispose();
    },
  };
}

function read<T>(result: unknown, data: z.ZodType<T>): T {
  const { data: content, errors } = answer.parse(result);
  if (errors !== undefined && errors.length > 0)
    throw new RefusedError(errors.map((error) => error.message).join('\n'));
  return data.parse(content);
}
