import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Metrics } from '../metrics/metrics.ts';
import type { OperationContext } from './operation-context.ts';

/** Counts streams that are open, whatever carries them. */
export function countSubscriptions(metrics: Metrics): Plugin<OperationContext> {
  return {
    onSubscribe: () => ({
      onSubscribeResult: ({ result }) => {
        if (!isAsyncIterable(result)) return undefined;
        return { onEnd: metrics.subscriptionOpened() };
      },
    }),
  };
}
