import { GraphQLError, Kind, type ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { ConflictError, DomainError, InvalidInputError, LimitExceededError, toError } from '../domain/errors.ts';
import { describeOutage, maskedMessage, retryAfterHeaders } from '../answer.ts';
import { isOutage } from '../database/is-outage.ts';
import type { OperationContext } from './operation-context.ts';

/**
 * Decides what of an error leaves the server, for queries and for each message of a subscription, whatever carries it:
 * a refusal of ours with its code, an error about the request as it is, an outage of the database as UNAVAILABLE, everything else
 * masked and logged under its request id.
 */
export function publishErrors(log: Logger): Plugin<OperationContext> {
  return {
    onExecute: ({ args }) => ({
      onExecuteDone: ({ result, setResult }) => {
        if (!isIterable(result)) setResult(publishResult(result, args.contextValue.requestId, log));
      },
    }),
    onSubscribe: ({ args }) => ({
      onSubscribeResult: ({ result, setResult }) => {
        const { requestId, signal } = args.contextValue;
        setResult(
          isIterable(result) ? publishStream(result, requestId, signal, log) : publishResult(result, requestId, log),
        );
      },
    }),
    // Only what goes over HTTP comes by here.
    onResultProcess: ({ result, setResult }) => {
      if (!Array.isArray(result) && !isIterable(result)) setResult(withStatus(result));
    },
  };
}

/** An answer without data because of an outage is a 503, so that proxies and clients know it without reading it. */
function withStatus(result: ExecutionResult): ExecutionResult {
  const isAway = result.errors?.some(({ extensions }) => extensions.code === 'UNAVAILABLE') ?? false;
  if (!isAway || (result.data !== null && result.data !== undefined)) return result;
  return { ...result, extensions: { ...result.extensions, http: { status: 503, headers: retryAfterHeaders } } };
}

function isIterable<T>(result: T | AsyncIterable<T>): result is AsyncIterable<T> {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
}

function publishResult(result: ExecutionResult, requestId: string, log: Logger): ExecutionResult {
  if (!result.errors) return result;
  return { ...result, errors: result.errors.map((error) => publishError(error, requestId, log)) };
}

/** An error of the stream itself becomes its last message: a thrown one would close a whole socket. */
function publishStream(
  results: AsyncIterable<ExecutionResult>,
  requestId: string,
  signal: AbortSignal,
  log: Logger,
): AsyncIterableIterator<ExecutionResult, void, undefined> {
  const source = results[Symbol.asyncIterator]();
  let ended = false;
  const end = async () => {
    if (ended) return;
    ended = true;
    signal.removeEventListener('abort', onAbort);
    // What it throws while it is thrown away interests nobody.
    await source.return?.().then(undefined, () => undefined);
  };
  // Whoever carries the stream may not notice that its reader has gone while nothing happens.
  const onAbort = () => void end();
  signal.addEventListener('abort', onAbort, { once: true });
  const done = { done: true, value: undefined } as const;

  const stream: AsyncIterableIterator<ExecutionResult, void, undefined> = {
    [Symbol.asyncIterator]: () => stream,
    async next() {
      if (ended) return done;
      try {
        const result = await source.next();
        if (!result.done) return { done: false, value: publishResult(result.value, requestId, log) };
        await end();
        return done;
      } catch (thrown) {
        if (ended) return done;
        await end();
        return { done: false, value: { errors: [publishError(toError(thrown), requestId, log)] } };
      }
    },
    async return() {
      await end();
      return done;
    },
    async throw(thrown: unknown) {
      await end();
      throw toError(thrown);
    },
  };
  return stream;
}

/** What a client may see of an error. Logs what it must not see. */
export function publishError(error: Error, requestId: string, log: Logger): GraphQLError {
  const cause = findCause(error);
  const place = error instanceof GraphQLError ? { nodes: error.nodes, path: error.path } : {};
  if (cause instanceof DomainError) {
    return new GraphQLError(cause.message, {
      ...place,
      extensions: { code: cause.code, requestId, ...details(cause) },
    });
  }
  if (error instanceof GraphQLError && isPublic(error)) {
    return new GraphQLError(error.message, {
      ...place,
      source: error.source,
      positions: error.positions,
      extensions: { code: 'INVALID_INPUT', ...(cause instanceof GraphQLError ? cause.extensions : {}), requestId },
    });
  }
  if (isOutage(cause)) {
    const { message, extensions } = describeOutage(requestId);
    log.warn({ event: 'request.unavailable', request_id: requestId, err: cause }, cause.message);
    return new GraphQLError(message, { ...place, extensions });
  }
  log.error({ event: 'request.failed', request_id: requestId, path: place.path?.join('.'), err: cause }, cause.message);
  return new GraphQLError(maskedMessage(requestId), { ...place, extensions: { code: 'INTERNAL_ERROR', requestId } });
}

/**
 * True for what GraphQL itself says about a request (syntax, validation, variables), and for what a resolver made for the
 * client. A value that a scalar refused has the scalar's own error inside, and points to that value or its variable;
 * an error of a subscription's source points to the whole operation, and is none of the client's business.
 */
export function isPublic(error: GraphQLError): boolean {
  if (findCause(error) instanceof GraphQLError) return true;
  if (error.path !== undefined || error.nodes === undefined) return false;
  return !error.nodes.some((node) => node.kind === Kind.OPERATION_DEFINITION);
}

/** What was thrown first, below the wrappers that GraphQL puts around it. */
function findCause(error: Error): Error {
  return error instanceof GraphQLError && error.originalError ? findCause(error.originalError) : error;
}

function details(error: DomainError): Record<string, unknown> {
  if (error instanceof ConflictError) return { state: error.state, allowedActions: error.allowedActions };
  if (error instanceof InvalidInputError) return { issues: error.issues };
  if (error instanceof LimitExceededError) {
    return {
      limit: error.limit,
      remaining: error.remaining,
      resetsAt: error.resetsAt,
      retryAfterMs: error.retryAfterMs,
    };
  }
  return {};
}
