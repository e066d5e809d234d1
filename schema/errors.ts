import {
  AggregatesNotReadyError,
  ConflictError,
  type DomainError,
  InvalidInputError,
  LimitExceededError,
  NotFoundError,
  PermissionDeniedError,
  StorageRefusedError,
  ProviderError,
  UnauthenticatedError,
  type InputIssue,
} from '../src/domain/errors.ts';
import { jobActions } from '../src/domain/job-state.ts';
import { builder } from './builder.ts';
import { ErrorCodeEnum, JobActionEnum, StorageProblemEnum } from './enums.ts';

export const ErrorInterface = builder.interfaceRef<DomainError>('Error').implement({
  description: 'A refusal that the caller can act on.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'What was expected and what came, for people.' }),
    code: t.expose('code', { type: ErrorCodeEnum, description: 'What kind of refusal it is, for programs.' }),
  }),
});

export const InputIssueType = builder.objectRef<InputIssue>('InputIssue').implement({
  description: 'One problem in an input.',
  fields: (t) => ({
    path: t.exposeStringList('path', { description: 'Where in the input it is, from the outside in.' }),
    message: t.exposeString('message', { description: 'What is wrong.' }),
    row: t.expose('row', {
      type: 'BigInt',
      nullable: true,
      description: 'Data row of the source, from 1; null when it is in no row.',
    }),
    field: t.exposeString('field', { nullable: true, description: 'Field of the item; null when it is in none.' }),
  }),
});

builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  interfaces: [ErrorInterface],
  description: 'The id or key names nothing in the project.',
});

builder.objectType(ConflictError, {
  name: 'ConflictError',
  interfaces: [ErrorInterface],
  description: 'The thing exists, but its state does not allow the action.',
  fields: (t) => ({
    state: t.exposeString('state', { nullable: true, description: 'The state that it is in.' }),
    allowedActions: t.field({
      type: [JobActionEnum],
      description: 'What is possible in this state.',
      resolve: ({ allowedActions }) => jobActions.filter((action) => allowedActions.includes(action)),
    }),
  }),
});

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  interfaces: [ErrorInterface],
  description: 'The input cannot be used.',
  fields: (t) => ({
    issues: t.field({
      type: [InputIssueType],
      description: 'Each problem, as far as they were looked for.',
      resolve: ({ issues }) => [...issues],
    }),
  }),
});

builder.objectType(UnauthenticatedError, {
  name: 'UnauthenticatedError',
  interfaces: [ErrorInterface],
  description: 'The request carries no credentials, or none that are known.',
});

builder.objectType(PermissionDeniedError, {
  name: 'PermissionDeniedError',
  interfaces: [ErrorInterface],
  description: 'The credentials do not allow the action.',
});

builder.objectType(LimitExceededError, {
  name: 'LimitExceededError',
  interfaces: [ErrorInterface],
  description: 'A limit or quota is used up.',
  fields: (t) => ({
    limit: t.expose('limit', { type: 'BigInt', description: 'How much the limit allows.' }),
    remaining: t.expose('remaining', { type: 'BigInt', description: 'How much of it is left.' }),
    resetsAt: t.expose('resetsAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it is whole again; null when it never is.',
    }),
    retryAfterMs: t.expose('retryAfterMs', {
      type: 'BigInt',
      nullable: true,
      description: 'Milliseconds after which the same call can succeed; null when waiting does not help.',
    }),
  }),
});

builder.objectType(ProviderError, {
  name: 'ProviderError',
  interfaces: [ErrorInterface],
  description: 'An outside service did not do what was asked of it.',
  fields: (t) => ({
    provider: t.exposeString('provider', { description: 'The service.' }),
    retryAfterMs: t.expose('retryAfterMs', {
      type: 'BigInt',
      nullable: true,
      description: 'Milliseconds after which the same call can succeed; null when waiting does not help.',
    }),
  }),
});

builder.objectType(AggregatesNotReadyError, {
  name: 'AggregatesNotReadyError',
  interfaces: [ErrorInterface],
  description: 'Aggregates were asked for before the job was complete.',
  fields: (t) => ({
    state: t.exposeString('state', { description: 'The state that the job is in.' }),
  }),
});

builder.objectType(StorageRefusedError, {
  name: 'StorageRefusedError',
  interfaces: [ErrorInterface],
  description: 'A destination does not do what is needed of it.',
  fields: (t) => ({
    problem: t.expose('problem', { type: StorageProblemEnum, description: 'What has to be put right.' }),
  }),
});
