import { describe, expect, test } from 'vitest';
import {
  AggregatesNotReadyError,
  assertNever,
  ConflictError,
  DomainError,
  InvalidInputError,
  LimitExceededError,
  NotFoundError,
  PermissionDeniedError,
  ProviderError,
  StorageRefusedError,
  toError,
  UnauthenticatedError,
} from './errors.ts';

describe('A domain error', () => {
  const issue = { path: ['source', 'items'], message: 'is missing', row: 3, field: 'amount' };
  const resetsAt = new Date('2026-01-01T00:00:00Z');

  test.each([
    {
      error: new NotFoundError('There is no job "x".'),
      facts: { name: 'NotFoundError', code: 'NOT_FOUND', retryable: false },
    },
    {
      error: new StorageRefusedError('There is no such bucket.', 'NO_BUCKET'),
      facts: { name: 'StorageRefusedError', code: 'PROVIDER_REJECTED', retryable: false, problem: 'NO_BUCKET' },
    },
    {
      error: new StorageRefusedError('It does not answer.', 'UNREACHABLE', new Error('no route')),
      facts: { code: 'PROVIDER_REJECTED', retryable: true, problem: 'UNREACHABLE', cause: new Error('no route') },
    },
    {
      error: new ConflictError('Job x is RUNNING.', { state: 'RUNNING', allowedActions: ['PAUSE'] }),
      facts: { name: 'ConflictError', code: 'CONFLICT', retryable: false, state: 'RUNNING', allowedActions: ['PAUSE'] },
    },
    {
      error: new ConflictError('The key belongs to another job.'),
      facts: { name: 'ConflictError', code: 'CONFLICT', state: null, allowedActions: [] },
    },
    {
      error: new InvalidInputError('The source has 1 problem.', [issue]),
      facts: { name: 'InvalidInputError', code: 'INVALID_INPUT', retryable: false, issues: [issue] },
    },
    {
      error: new InvalidInputError('The title is empty.'),
      facts: { name: 'InvalidInputError', code: 'INVALID_INPUT', issues: [] },
    },
    {
      error: new UnauthenticatedError(),
      facts: {
        name: 'UnauthenticatedError',
        code: 'UNAUTHENTICATED',
        retryable: false,
        message: 'Send an API key as "Authorization: Bearer <key>".',
      },
    },
    {
      error: new PermissionDeniedError('The key may only read.'),
      facts: { name: 'PermissionDeniedError', code: 'PERMISSION_DENIED', retryable: false },
    },
    {
      error: new ProviderError('Google is away.', { provider: 'google', retryAfterMs: 1_000 }),
      facts: {
        name: 'ProviderError',
        code: 'PROVIDER_REJECTED',
        retryable: true,
        provider: 'google',
        retryAfterMs: 1_000,
      },
    },
    {
      error: new ProviderError('Google knows no such key.', { provider: 'google' }),
      facts: { name: 'ProviderError', code: 'PROVIDER_REJECTED', retryable: false, retryAfterMs: null },
    },
    {
      error: new LimitExceededError('Too large.', { limit: 10 }),
      facts: {
        name: 'LimitExceededError',
        code: 'LIMIT_EXCEEDED',
        retryable: false,
        limit: 10,
        remaining: 0,
        resetsAt: null,
        retryAfterMs: null,
      },
    },
    {
      error: new LimitExceededError('Too soon.', { limit: 10, remaining: 1, resetsAt, retryAfterMs: 500 }),
      facts: { code: 'LIMIT_EXCEEDED', retryable: true, limit: 10, remaining: 1, resetsAt, retryAfterMs: 500 },
    },
    {
      error: new AggregatesNotReadyError('RUNNING'),
      facts: {
        name: 'AggregatesNotReadyError',
        code: 'AGGREGATES_NOT_READY',
        retryable: true,
        state: 'RUNNING',
        message: 'Aggregates are ready when the job is COMPLETED; it is RUNNING.',
      },
    },
    {
      error: new ProviderError('The voice is busy.', { provider: 'openai', retryable: true, retryAfterMs: 2_000 }),
      facts: {
        name: 'ProviderError',
        code: 'PROVIDER_REJECTED',
        retryable: true,
        provider: 'openai',
        retryAfterMs: 2_000,
      },
    },
    {
      error: new ProviderError('There is no such voice.', { provider: 'openai' }),
      facts: { code: 'PROVIDER_REJECTED', retryable: false, provider: 'openai', retryAfterMs: null },
    },
  ])('$facts.name carries what a client needs to act: $error.message', ({ error, facts }) => {
    expect(error).toBeInstanceOf(DomainError);
    expect(error).toMatchObject(facts);
  });

  test('keeps its cause', () => {
    const cause = new Error('socket closed');
    const error = new DomainError('PROVIDER_REJECTED', 'The provider hung up.', { retryable: true, cause });
    expect(error).toMatchObject({ code: 'PROVIDER_REJECTED', retryable: true, cause });
  });
});

describe('Whatever is thrown', () => {
  test('stays as it is when it is an Error', () => {
    const error = new RangeError('too far');
    expect(toError(error)).toBe(error);
  });

  test('becomes an Error that keeps it as its cause when it is something else', () => {
    expect(toError('no luck')).toMatchObject({
      message: 'Something that is no Error was thrown: no luck',
      cause: 'no luck',
    });
  });
});

test('A value that the types rule out is named when it comes all the same', () => {
  // Only a cast gets such a value here, as only a bug or foreign data does at run time.
  expect(() => assertNever('LOST' as never)).toThrow('Unexpected value: "LOST"');
});
