import type { ServerResponse } from 'node:http';
import { KeysUnavailableError } from './access/keys-unavailable-error.ts';
import { isOutage } from './database/is-outage.ts';
import { DomainError, LimitExceededError, toError, type ErrorCode } from './domain/errors.ts';
import { StorageProblemError } from './storage/storage-problem.ts';

/** An error as a client may see it. */
export interface PublicError {
  message: string;
  extensions: Record<string, unknown>;
}

/** For every answer: its content is what it says it is, loads nothing, and is shown in nobody's frame. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Answers with JSON that nobody keeps. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(text);
}

/** Answers with one error in GraphQL's shape, which every client of this server reads anyway. */
export function answerError(
  response: ServerResponse,
  status: number,
  error: PublicError,
  headers: Record<string, string> = {},
): void {
  answerJson(response, status, { errors: [error] }, headers);
}

/** The one answer to a signed link that is wrong in any way: it tells strangers nothing. */
export function answerUnknownLink(response: ServerResponse): void {
  const message = 'There is nothing here: not found or expired. Ask the API for a new link.';
  answerError(response, 404, { message, extensions: { code: 'NOT_FOUND' } });
}

/** What a client waits before it asks again while the database is away. */
const retryAfterMs = 1_000;

/** Goes with the status 503. */
export const retryAfterHeaders = { 'retry-after': String(retryAfterMs / 1_000) };

/** What is said of every request that an outage of the database broke, whatever carried it. */
export function describeOutage(requestId: string): PublicError {
  return describeUnavailable(requestId, 'The database cannot be reached in this moment. Try again.');
}

function describeUnavailable(requestId: string, message: string): PublicError {
  return { message, extensions: { code: 'UNAVAILABLE', requestId, retryAfterMs } };
}

const statusByCode: Record<ErrorCode, number> = {
  NOT_FOUND: 404,
  SHEET_NOT_FOUND: 404,
  CONFLICT: 409,
  INVALID_INPUT: 400,
  INVALID_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  ACCOUNT_REVOKED: 403,
  LIMIT_EXCEEDED: 413,
  AGGREGATES_NOT_READY: 409,
  PROVIDER_REJECTED: 502,
};

/** Answers with what was thrown: a refusal as it is, an outage as 503, a bug without its words. True when it was a bug. */
export function answerThrown(response: ServerResponse, thrown: unknown, requestId: string): boolean {
  const error = toError(thrown);
  if (response.headersSent) {
    // Half an answer is out: only breaking the connection tells the client that it is not whole.
    response.destroy(error);
    return !isOutage(error);
  }
  if (error instanceof DomainError) {
    const body = { message: error.message, extensions: { code: error.code, requestId } };
    answerError(response, toStatus(error), body, refusalHeaders(error));
    return false;
  }
  if (error instanceof StorageProblemError && error.problem === 'UNREACHABLE') {
    const message = 'The storage of files cannot be reached in this moment. Try again.';
    answerError(response, 503, describeUnavailable(requestId, message), retryAfterHeaders);
    return false;
  }
  if (isOutage(error)) {
    answerError(response, 503, describeOutage(requestId), retryAfterHeaders);
    return false;
  }
  if (error instanceof KeysUnavailableError) {
    answerError(response, 503, describeUnavailable(requestId, error.message), retryAfterHeaders);
    return false;
  }
  answerError(response, 500, { message: maskedMessage(requestId), extensions: { code: 'INTERNAL_ERROR', requestId } });
  return true;
}

/** What a client is told of a fault of ours: nothing but the id that its line in the log has. */
export function maskedMessage(requestId: string): string {
  return `Something went wrong on our side. Quote request id ${requestId}.`;
}

function toStatus(error: DomainError): number {
  if (error instanceof LimitExceededError && error.retryAfterMs !== null) return 429;
  return statusByCode[error.code];
}

function refusalHeaders(error: DomainError): Record<string, string> {
  if (error.code === 'UNAUTHENTICATED') return { 'www-authenticate': 'Bearer realm="longhaul"' };
  if (error instanceof LimitExceededError && error.retryAfterMs !== null) {
    return { 'retry-after': String(Math.ceil(error.retryAfterMs / 1_000)) };
  }
  return {};
}
