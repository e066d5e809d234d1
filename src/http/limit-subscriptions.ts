import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { LimitExceededError } from '../domain/errors.ts';
import { callerOf } from './caller-of.ts';
import type { OperationContext } from './operation-context.ts';
import { publishError } from './publish-errors.ts';

/** Refuses a caller more subscriptions than `limit`, on sockets and as server-sent events together. */
export function limitSubscriptions(limit: number, log: Logger): Plugin<OperationContext> {
  const openByCaller = new Map<string, number>();

  /** Counts one more until what it answers is called, or its client has gone: a stream may break before it begins. */
  function count(caller: string, signal: AbortSignal): () => void {
    openByCaller.set(caller, (openByCaller.get(caller) ?? 0) + 1);
    let ended = false;
    const end = () => {
      if (ended) return;
      ended = true;
      signal.removeEventListener('abort', end);
      const open = (openByCaller.get(caller) ?? 1) - 1;
      if (open > 0) openByCaller.set(caller, open);
      else openByCaller.delete(caller);
    };
    signal.addEventListener('abort', end, { once: true });
    return end;
  }

  return {
    onSubscribe: ({ args, setResultAndStopExecution }) => {
      const { viewer, requestId, signal } = args.contextValue;
      if ((openByCaller.get(callerOf(viewer)) ?? 0) >= limit) {
        const refusal = new LimitExceededError(`You may have at most ${limit} subscriptions open at a time.`, {
          limit,
        });
        setResultAndStopExecution({ errors: [publishError(refusal, requestId, log)] });
        return undefined;
      }
      const end = count(callerOf(viewer), signal);
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
