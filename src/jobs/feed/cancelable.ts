/**
 * An iterable whose `return()` also wakes a generator that waits. A bare generator queues `return()` behind its pending
 * `next()`, so a reader who leaves a quiet job would be held until that job's next change.
 */
export function cancelable<T>(
  outer: AbortSignal | undefined,
  start: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
): AsyncIterableIterator<T, void, undefined> {
  const left = new AbortController();
  const generator = start(outer ? AbortSignal.any([outer, left.signal]) : left.signal);
  const iterator: AsyncIterableIterator<T, void, undefined> = {
    [Symbol.asyncIterator]: () => iterator,
    next: () => generator.next(),
    return() {
      left.abort();
      return generator.return();
    },
    throw(error: unknown) {
      left.abort();
      return generator.throw(error);
    },
  };
  return iterator;
}
