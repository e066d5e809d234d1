import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'graphql-ws';

const document = /* GraphQL */ `
  subscription ($jobId: ID!, $afterSequence: Int) {
    jobEvents(jobId: $jobId, afterSequence: $afterSequence) {
      sequence
    }
  }
`;

/** The recipe of docs/job-events.md for graphql-ws, as a client writes it: it outlives any number of lost sockets. */
export async function* followJob(
  client: Client,
  jobId: string,
  afterSequence = 0,
): AsyncGenerator<{ sequence: number }> {
  for (;;) {
    try {
      const results = client.iterate<{ jobEvents: { sequence: number } }>({
        query: document,
        variables: { jobId, afterSequence },
      });
      for await (const { data, errors } of results) {
        if (errors) throw new AggregateError(errors, 'The job cannot be followed.');
        if (!data) continue;
        yield data.jobEvents;
        afterSequence = data.jobEvents.sequence;
      }
      return;
    } catch (error) {
      const errors: { extensions?: { code?: unknown } }[] =
        error instanceof AggregateError ? error.errors : Array.isArray(error) ? error : [];
      const isAway = errors.length > 0 && errors.every(({ extensions }) => extensions?.code === 'UNAVAILABLE');
      // What else the server answered to this subscription will not be another answer next time.
      if (errors.length > 0 && !isAway) throw error;
      await delay(10);
    }
  }
}
