import {
  createSourceEventStream,
  execute,
  getOperationAST,
  print,
  visit,
  type ExecutionArgs,
  type ExecutionResult,
} from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Viewer } from '../jobs/commands.ts';
import type { OperationContext } from './operation-context.ts';

/** What a shared selection knows of its readers: only what is the same for all who share it. */
interface SharedContext {
  viewer: Pick<Viewer, 'projectId' | 'scopes' | 'jobId'>;
}

/** Results by what was asked, of one source event. */
type Results = Map<string, ExecutionResult>;

/** Selections that are remembered of one event; a further one runs for each of its readers. */
const maxSelections = 20;

/**
 * Runs a selection once for each event, and not once for each reader of it, where the subscription's field says `isShared` in its
 * extensions. Readers share who select the same, with the same rights in the same project; who may begin
 * or go on to read is decided for each of them as before. What is remembered goes with its event.
 */
export function shareResults(): Plugin<OperationContext> {
  const resultsByEvent = new WeakMap<object, Results>();

  function toResult(args: ExecutionArgs, event: unknown, key: string, context: SharedContext) {
    const own = { ...args, rootValue: event };
    if (typeof event !== 'object' || event === null) return execute(own);
    const results = resultsByEvent.get(event) ?? new Map<string, ExecutionResult>();
    const known = results.get(key);
    if (known) return known;
    const result = execute({ ...own, contextValue: context });
    // An error is told to each reader under the id of its own request; what has to wait for something is not of the event alone.
    if (result instanceof Promise || result.errors || results.size >= maxSelections) return result;
    resultsByEvent.set(event, results.set(key, result));
    return result;
  }

  return {
    onSubscribe: ({ args, setSubscribeFn }) => {
      if (!isShared(args)) return;
      setSubscribeFn(async (given: ExecutionArgs) => {
        const events = await createSourceEventStream(given);
        if (!isAsyncIterable(events)) return events;
        const { projectId, scopes, jobId } = args.contextValue.viewer;
        const context: SharedContext = { viewer: { projectId, scopes, jobId } };
        const key = keyOf(given, context);
        return mapEvents(events, (event) => toResult(given, event, key, context));
      });
    },
  };
}

function isShared({ schema, document, operationName }: ExecutionArgs): boolean {
  const operation = getOperationAST(document, operationName);
  const fields = schema.getSubscriptionType()?.getFields() ?? {};
  const [root] = operation?.selectionSet.selections ?? [];
  // In a fragment it is not looked for: whoever writes it so is told everything, but shares nothing.
  return root?.kind === 'Field' && fields[root.name.value]?.extensions['isShared'] === true;
}

/**
 * Of the same selection and variables, for the same rights. What the root field is asked with says which events come, not what is told
 * of them: readers who came back at different places share too.
 */
function keyOf({ document, operationName, variableValues }: ExecutionArgs, { viewer }: SharedContext): string {
  const { projectId, scopes, jobId } = viewer;
  const selected = visit(document, {
    OperationDefinition: ({ selectionSet, ...operation }) => ({
      ...operation,
      variableDefinitions: [],
      selectionSet: {
        ...selectionSet,
        selections: selectionSet.selections.map((root) => ('arguments' in root ? { ...root, arguments: [] } : root)),
      },
    }),
  });
  const used = new Set<string>();
  visit(selected, { Variable: ({ name }) => void used.add(name.value) });
  const values = [...used].toSorted().map((name) => variableValues?.[name]);
  return JSON.stringify([[projectId, jobId, ...scopes], operationName ?? null, print(selected), values]);
}

/** Written out, as a generator would hold `return()` back until the next event. */
function mapEvents(
  events: AsyncIterable<unknown>,
  toResult: (event: unknown) => ExecutionResult | Promise<ExecutionResult>,
): AsyncIterableIterator<ExecutionResult, void, undefined> {
  const source = events[Symbol.asyncIterator]();
  const done = { done: true, value: undefined } as const;
  const results: AsyncIterableIterator<ExecutionResult, void, undefined> = {
    [Symbol.asyncIterator]: () => results,
    async next() {
      const event = await source.next();
      if (event.done === true) return done;
      try {
        return { done: false, value: await toResult(event.value) };
      } catch (error) {
        await source.return?.();
        throw error;
      }
    },
    async return() {
      await source.return?.();
      return done;
    },
    async throw(error: unknown) {
      await source.return?.();
      throw error;
    },
  };
  return results;
}
