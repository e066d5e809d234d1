import { GraphQLError, type GraphQLSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import type { Logger } from 'pino';
import { toError } from '../domain/errors.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { countSubscriptions } from './count-subscriptions.ts';
import { explainStatus } from './explain-status.ts';
import { limitNesting } from './limit-nesting.ts';
import { limitOperations } from './limit-operations.ts';
import { limitSubscriptions } from './limit-subscriptions.ts';
import type { HttpLimits } from './limits.ts';
import type { OperationContext } from './operation-context.ts';
import { shareResults } from './share-results.ts';
import { traceOperations } from './trace-operations.ts';
import { isPublic, publishErrors } from './publish-errors.ts';

export interface EngineDeps {
  schema: GraphQLSchema;
  log: Logger;
  limits: HttpLimits;
  metrics: Metrics;
}

/** One GraphQL engine for all transports, so that errors and limits are the same on each. */
export function createEngine({ schema, log, limits, metrics }: EngineDeps) {
  return createYoga<OperationContext>({
    schema,
    plugins: [
      ...limitOperations(limits, log),
      limitNesting(limits),
      limitSubscriptions(limits.subscriptionsPerKey, log),
      publishErrors(log),
      countSubscriptions(metrics),
      shareResults(),
      traceOperations(),
      explainStatus(),
    ],
    batching: false,
    graphqlEndpoint: '/graphql',
    maxRequestBodySize: limits.bodyBytes,
    // The server itself says which origins may read: the default would reflect any.
    cors: false,
    multipart: false,
    graphiql: false,
    landingPage: false,
    logging: false,
    maskedErrors: {
      // The plugin has seen to all errors of operations; what else comes here is about the request, or a bug in between.
      maskError: (thrown) => {
        if (thrown instanceof GraphQLError && isPublic(thrown)) return thrown;
        const error = toError(thrown);
        log.error({ event: 'request.failed', err: error }, error.message);
        return new GraphQLError('Something went wrong on our side.', { extensions: { code: 'INTERNAL_ERROR' } });
      },
    },
  });
}

export type Engine = ReturnType<typeof createEngine>;
