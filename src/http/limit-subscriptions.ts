import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { LimitExceededError } from '../domain/errors.ts';
import type { OperationContext } from './operation-context.ts';
import { publishError } from './publish-errors.ts';

/** Refuses a key more subscriptions than `limit`, on sockets and as server-sent events together. */
export function limitSubscriptions(limit: number, log: Logger): Plugin<OperationContext> {
  const openByKey = new Map<string, number>();

  /** Counts one more until what it answers is called, or its client has gone: a stream may break before it begins. */
  function count(keyId: string, signal: AbortSignal): () => void {
    openByKey.set(keyId, (openByKey.get(keyId) ?? 0) + 1);
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      signal.removeEventListener('abort', end);
      const open = (openByKey.get(keyId) ?? 1) - 1;
      if (open > 0) openByKey.set(keyId, open);
      else openByKey.delete(keyId);
    };
    signal.addEventListener('abort', end, { once: true });
    return end;
  }

  return {
    onSubscribe: ({ args, setResultAndStopExecution }) => {
      const { viewer, requestId, signal } = args.contextValue;
      if ((openByKey.get(viewer.apiKeyId) ?? 0) >= limit) {
        const refusal = new LimitExceededError(`An API key has at most ${limit} subscriptions open.`, { limit });
        setResultAndStopExecution({ errors: [publishError(refusal, requestId, log)] });
        return undefined;
      }
      const end = count(viewer.apiKeyId, signal);
      return {
        onSubscribeResult: ({ result }) => {
          if (isAsyncIterable(result)) return { onEnd: end };
          end();
          return undefined;
        },
      };
    },
  };
}
