import { maxAliasesPlugin } from '@escape.tech/graphql-armor-max-aliases';
import { maxDirectivesPlugin } from '@escape.tech/graphql-armor-max-directives';
import { maxTokensPlugin } from '@escape.tech/graphql-armor-max-tokens';
import { createComplexityRule } from '@pothos/plugin-complexity';
import { GraphQLError, validate, type ExecutionArgs, type ExecutionResult, type ValidationContext } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Logger } from 'pino';
import { LimitExceededError } from '../domain/errors.ts';
import type { HttpLimits } from './limits.ts';
import type { OperationContext } from './operation-context.ts';
import { publishError } from './publish-errors.ts';

type OperationLimits = Pick<HttpLimits, 'depth' | 'cost' | 'aliases' | 'directives' | 'tokens'>;

/** Refuses an operation that is too much, before anything of it runs: the error says the limit and what came. */
export function limitOperations(limits: OperationLimits, log: Logger): Plugin<OperationContext>[] {
  return [
    maxTokensPlugin({ n: limits.tokens, onReject: [throwRefusal] }),
    maxAliasesPlugin({ n: limits.aliases, allowList: [], onReject: [reportRefusal], propagateOnRejection: false }),
    maxDirectivesPlugin({ n: limits.directives, onReject: [reportRefusal], propagateOnRejection: false }),
    limitWork(limits, log),
  ];
}

/** Depth and cost depend on the variables, so they are measured after validation, which is remembered by text alone. */
function limitWork(limits: OperationLimits, log: Logger): Plugin<OperationContext> {
  const refuse = (args: ExecutionArgs & { contextValue: OperationContext }): ExecutionResult | null => {
    const refusal = findExcess(args, limits);
    return refusal && { errors: [publishError(refusal, args.contextValue.requestId, log)] };
  };
  return {
    onExecute: ({ args, setResultAndStopExecution }) => {
      const refused = refuse(args);
      if (refused) setResultAndStopExecution(refused);
    },
    onSubscribe: ({ args, setResultAndStopExecution }) => {
      const refused = refuse(args);
      if (refused) setResultAndStopExecution(refused);
    },
  };
}

function findExcess(args: ExecutionArgs, limits: OperationLimits): LimitExceededError | null {
  let excess: LimitExceededError | null = null;
  const rule = createComplexityRule({
    context: {},
    variableValues: args.variableValues ?? {},
    operationName: args.operationName ?? null,
    validate: ({ depth, complexity }) => {
      excess ??= exceeds('Depth', limits.depth, depth) ?? exceeds('Cost', limits.cost, complexity);
    },
  });
  // What else the rule finds, as a variable of the wrong type, execution says itself.
  validate(args.schema, args.document, [rule]);
  return excess;
}

function exceeds(what: string, limit: number, found: number): LimitExceededError | null {
  return found > limit
    ? new LimitExceededError(`${what} limit of ${limit} exceeded, found ${found}.`, { limit })
    : null;
}

function reportRefusal(context: ValidationContext | null, error: GraphQLError): void {
  context?.reportError(toRefusal(error));
}

function throwRefusal(_context: unknown, error: GraphQLError): never {
  throw toRefusal(error);
}

/** The rules call every refusal a syntax error, which it is not. Of tokens nobody counts more than are allowed. */
function toRefusal(error: GraphQLError): GraphQLError {
  const message = error.message.replace('Syntax Error: ', '').replace(/exceeded[.]$/, 'exceeded, found more.');
  return new GraphQLError(message, { extensions: { code: 'LIMIT_EXCEEDED' } });
}
