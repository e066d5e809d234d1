import type { StorageProblem } from './destination.ts';

/** What an error is called in the API. A class below has one of them, or some that say more exactly what it is about. */
export const errorCodes = [
  'NOT_FOUND',
  'SHEET_NOT_FOUND',
  'CONFLICT',
  'INVALID_INPUT',
  'INVALID_RANGE',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'ACCOUNT_REVOKED',
  'LIMIT_EXCEEDED',
  'AGGREGATES_NOT_READY',
  'PROVIDER_REJECTED',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** A refusal that the caller can act on. Anything else that is thrown is a bug or a broken dependency. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  /** True when the same call can succeed later without a change by the caller. */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

export class NotFoundError extends DomainError {
  constructor(message: string, code: 'NOT_FOUND' | 'SHEET_NOT_FOUND' = 'NOT_FOUND') {
    super(code, message);
  }
}

/** The thing exists, but its state does not allow the action; names the state and what is allowed. */
export class ConflictError extends DomainError {
  readonly state: string | null;
  readonly allowedActions: readonly string[];

  constructor(message: string, details: { state?: string; allowedActions?: readonly string[] } = {}) {
    super('CONFLICT', message);
    this.state = details.state ?? null;
    this.allowedActions = details.allowedActions ?? [];
  }
}

/** One problem in an input. `row` is the 1-based data row of a source (the header is not counted). */
export interface InputIssue {
  path: string[];
  message: string;
  row: number | null;
  field: string | null;
}

export class InvalidInputError extends DomainError {
  readonly issues: readonly InputIssue[];

  constructor(
    message: string,
    issues: readonly InputIssue[] = [],
    code: 'INVALID_INPUT' | 'INVALID_RANGE' = 'INVALID_INPUT',
  ) {
    super(code, message);
    this.issues = issues;
  }
}

export class UnauthenticatedError extends DomainError {
  constructor(message = 'Send an API key as "Authorization: Bearer <key>".') {
    super('UNAUTHENTICATED', message);
  }
}

export class PermissionDeniedError extends DomainError {
  constructor(message: string, code: 'PERMISSION_DENIED' | 'ACCOUNT_REVOKED' = 'PERMISSION_DENIED') {
    super(code, message);
  }
}

export class LimitExceededError extends DomainError {
  readonly limit: number;
  readonly remaining: number;
  readonly resetsAt: Date | null;
  readonly retryAfterMs: number | null;

  constructor(message: string, details: { limit: number; remaining?: number; resetsAt?: Date; retryAfterMs?: number }) {
    super('LIMIT_EXCEEDED', message, { retryable: details.retryAfterMs !== undefined });
    this.limit = details.limit;
    this.remaining = details.remaining ?? 0;
    this.resetsAt = details.resetsAt ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}

export class AggregatesNotReadyError extends DomainError {
  readonly state: string;

  constructor(state: string) {
    super('AGGREGATES_NOT_READY', `Aggregates are ready when the job is COMPLETED; it is ${state}.`, {
      retryable: true,
    });
    this.state = state;
  }
}

/** A storage of the caller refused, or did not answer. */
export class StorageRefusedError extends DomainError {
  readonly problem: StorageProblem;

  constructor(message: string, problem: StorageProblem, cause?: Error) {
    super('PROVIDER_REJECTED', message, { cause, retryable: problem === 'UNREACHABLE' || problem === 'CLOCK_SKEW' });
    this.problem = problem;
  }
}

/** An outside service did not do what was asked of it. It may do it later when it says after how many milliseconds. */
export class ProviderError extends DomainError {
  readonly provider: string;
  /** What the provider asked to wait; null when it did not say. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    details: { provider: string; retryable?: boolean; retryAfterMs?: number; cause?: unknown },
  ) {
    const retryable = details.retryable ?? details.retryAfterMs !== undefined;
    super('PROVIDER_REJECTED', message, { retryable, cause: details.cause });
    this.provider = details.provider;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}

/** Coerces whatever was thrown to an Error, keeping it as the cause when it was not one. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error
    ? thrown
    : new Error(`Something that is no Error was thrown: ${String(thrown)}`, { cause: thrown });
}

/** Marks a branch that the types rule out. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
