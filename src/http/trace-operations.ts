import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { getOperationAST, type ExecutionArgs } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { OperationContext } from './operation-context.ts';

const tracer = trace.getTracer('longhaul');

/** Makes one span of each operation, of a subscription until it is set up. Nothing happens when traces are not wanted. */
export function traceOperations(): Plugin<OperationContext> {
  return {
    onExecute: ({ executeFn, setExecuteFn }) =>
      setExecuteFn((args: ExecutionArgs) => inSpan(args, () => executeFn(args))),
    onSubscribe: ({ subscribeFn, setSubscribeFn }) =>
      setSubscribeFn((args: ExecutionArgs) => inSpan(args, () => subscribeFn(args))),
  };
}

/** Names and types only: what an operation asks for, and for whom, is nobody's business there. */
async function inSpan<T>(args: ExecutionArgs, run: () => T | Promise<T>): Promise<T> {
  const operation = getOperationAST(args.document, args.operationName);
  const type = operation?.operation ?? 'query';
  const name = operation?.name?.value;
  const attributes = {
    'graphql.operation.type': type,
    ...(name === undefined ? {} : { 'graphql.operation.name': name }),
    'longhaul.request_id': (args.contextValue as OperationContext).requestId,
  };
  const title = name === undefined ? type : `${type} ${name}`;
  return await tracer.startActiveSpan(title, { kind: SpanKind.SERVER, attributes }, async (span) => {
    try {
      const result = await run();
      if (!isAsyncIterable(result) && hasErrors(result)) span.setStatus({ code: SpanStatusCode.ERROR });
      return result;
    } finally {
      span.end();
    }
  });
}

function hasErrors(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'errors' in result;
}
