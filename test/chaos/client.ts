import { createClient } from 'graphql-ws';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Report } from './report.ts';
import type { Scene } from './scene.ts';

type Variables = Record<string, unknown>;

/** A client that nothing discourages: what gets no answer is asked again. */
export interface Client {
  ask<Data>(document: string, variables: Variables, data: z.ZodType<Data>): Promise<Data>;
  /** Sends a file to its link, in as many pieces as the network takes. */
  put(link: string, content: Buffer): Promise<void>;
  get(link: string): Promise<Buffer>;
  /** The sequence numbers of a job's journal as they come, from the first, until the job has ended and `isOver` says that nothing more comes. */
  follow(jobId: string, isOver: () => boolean): Promise<number[]>;
}

const answer = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ code: z.string().optional() }).optional() }))
    .optional(),
});

/** @param signal lets it give up after all */
export function createChaosClient(
  { url, apiKey }: Pick<Scene, 'url' | 'apiKey'>,
  report: Report,
  signal: AbortSignal,
): Client {
  const insist = <T>(attempt: () => Promise<T | null>) => insistUntil(signal, attempt);
  const authorization = `Bearer ${apiKey}`;

  /** Null when there was no answer, or only that there can be none now. */
  async function send(query: string, variables: Variables): Promise<unknown> {
    const response = await request(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ query, variables }),
    });
    if (response === null) return null;
    const { data, errors = [] } = answer.parse(JSON.parse(response.body.toString()));
    if (errors.length === 0) return data;
    for (const { message, extensions } of errors)
      if (extensions?.code !== 'UNAVAILABLE') report(`The API answered ${extensions?.code}: ${message} (${query})`);
    return null;
  }

  return {
    ask: async (document, variables, data) => data.parse(await insist(() => send(document, variables))),
    put: async (link, content) => {
      await insist(async () => {
        const head = await request(link, { method: 'HEAD' });
        const offset = Number(head?.headers.get('upload-offset'));
        if (head === null || Number.isNaN(offset)) return null;
        if (offset === content.length) return true;
        const range = `bytes ${offset}-${content.length - 1}/${content.length}`;
        const sent = await request(link, {
          method: 'PUT',
          headers: { 'content-range': range },
          body: new Uint8Array(content.subarray(offset)),
        });
        return sent?.status === 201 || sent?.status === 200 || null;
      });
    },
    get: async (link) => {
      const { body } = await insist(async () => {
        const response = await request(link, {});
        return response?.status === 200 ? response : null;
      });
      return body;
    },
    follow: (jobId, isOver) => follow({ url, authorization, report, signal }, jobId, isOver),
  };
}

/** Null when the connection broke, or nothing came for long. */
async function request(url: string, init: RequestInit) {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
    return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
  } catch {
    return null;
  }
}

async function insistUntil<T>(signal: AbortSignal, attempt: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const result = await attempt();
    if (result !== null) return result;
    await delay(150, undefined, { signal });
  }
}

const event = z.object({ jobEvents: z.object({ sequence: z.coerce.number() }) });

/** The recipe of docs/job-events.md. */
async function follow(
  { url, authorization, report, signal }: { url: string; authorization: string; report: Report; signal: AbortSignal },
  jobId: string,
  isOver: () => boolean,
): Promise<number[]> {
  const socket = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
    retryAttempts: 0,
    // A network that holds everything back must not hold a reader for ever.
    keepAlive: 5_000,
  });
  const query = `subscription ($jobId: ID!, $afterSequence: BigInt) { jobEvents(jobId: $jobId, afterSequence: $afterSequence) { sequence } }`;
  const received: number[] = [];
  try {
    for (;;) {
      const wasOver = isOver();
      try {
        const afterSequence = String(received.at(-1) ?? 0);
        for await (const { data, errors } of socket.iterate({ query, variables: { jobId, afterSequence } })) {
          if (errors) throw new AggregateError(errors);
          received.push(event.parse(data).jobEvents.sequence);
        }
        // A job that ended may run again.
        if (wasOver) return received;
      } catch (error) {
        const codes = codesOf(error);
        if (codes.some((code) => code !== 'UNAVAILABLE'))
          report(`A subscription was answered with ${codes.join(', ')}: ${JSON.stringify(error)}`);
      }
      await delay(100, undefined, { signal });
    }
  } finally {
    await socket.dispose();
  }
}

/** Codes of errors that the server answered, or that it closed the socket with; none when the connection broke. */
function codesOf(error: unknown): string[] {
  const errors: unknown[] = error instanceof AggregateError ? error.errors : Array.isArray(error) ? error : [];
  const refusal = z.object({ code: z.number().min(4_400).lt(4_499) }).safeParse(error);
  if (refusal.success) return [String(refusal.data.code)];
  return errors.map(
    (each) => z.object({ extensions: z.object({ code: z.string() }) }).safeParse(each).data?.extensions.code ?? 'none',
  );
}
