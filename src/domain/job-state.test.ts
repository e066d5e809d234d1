import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { ConflictError } from './errors.ts';
import {
  allowedActions,
  assertAllowed,
  assertItems,
  assertTransition,
  canTransition,
  isTerminal,
  jobActions,
  jobStates,
  pauseReasons,
  type JobAction,
  type JobState,
} from './job-state.ts';

/** The state that an action wishes for. DELETE leaves the state as it is. */
const wished: Partial<Record<JobAction, readonly JobState[]>> = {
  PAUSE: ['PAUSING'],
  RESUME: ['RUNNING', 'PENDING'],
  CANCEL: ['CANCELING', 'CANCELED'],
  RETRY: ['RUNNING', 'PENDING'],
  APPROVE: ['RUNNING'],
};

const successors = (state: JobState) => jobStates.filter((next) => canTransition(state, next));

describe('The state machine of a job', () => {
  test('has exactly these edges', () => {
    const edges = jobStates.map((state) => `${state} → ${successors(state).join(', ') || 'nothing'}`);
    expect(edges).toEqual([
      'PENDING → RUNNING, CANCELING, CANCELED, FAILED',
      'RUNNING → PAUSING, COMPLETING, CANCELING, FAILED',
      'PAUSING → PAUSED, FAILED',
      'PAUSED → PENDING, RUNNING, CANCELING, FAILED',
      'COMPLETING → COMPLETED, FAILED',
      'COMPLETED → PENDING, RUNNING',
      'CANCELING → CANCELED',
      'CANCELED → nothing',
      'FAILED → PENDING, RUNNING, CANCELED',
    ]);
  });

  test('reaches every state from PENDING', () => {
    const reached = new Set<JobState>(['PENDING']);
    for (const state of reached) for (const next of successors(state)) reached.add(next);
    expect([...reached].toSorted()).toEqual([...jobStates].toSorted());
  });

  test('has a way to an end from every state', () => {
    const canEnd = (state: JobState, seen: readonly JobState[] = []): boolean =>
      isTerminal(state) || successors(state).some((next) => !seen.includes(next) && canEnd(next, [...seen, state]));
    expect(jobStates.filter((state) => !canEnd(state))).toEqual([]);
  });

  test('ends in COMPLETED, CANCELED and FAILED', () => {
    expect(jobStates.filter(isTerminal)).toEqual(['COMPLETED', 'CANCELED', 'FAILED']);
  });

  test('refuses an edge that it does not have', () => {
    expect(() => assertTransition('CANCELED', 'RUNNING')).toThrow('A job cannot go from CANCELED to RUNNING.');
    expect(() => assertTransition('PAUSED', 'RUNNING')).not.toThrow();
  });

  const choices = fc.array(fc.nat(), { maxLength: 40 });

  test.prop([choices, fc.nat(100)])('keeps every allowed action legal on any path through it', (path, failed) => {
    let state: JobState = 'PENDING';
    for (const choice of path) {
      const next: JobState | undefined = successors(state)[choice % Math.max(successors(state).length, 1)];
      if (next === undefined) break;
      assertTransition(state, next);
      state = next;
    }
    for (const action of allowedActions({ state, failed, pauseReason: failed % 2 === 0 ? 'APPROVAL' : 'USER' })) {
      const targets = wished[action] ?? [];
      expect(action === 'DELETE' ? isTerminal(state) : targets.some((target) => canTransition(state, target))).toBe(
        true,
      );
    }
  });

  test.prop([choices])('never leaves CANCELED, and leaves other ends only for a retry or a cancel', (path) => {
    const visited: JobState[] = ['PENDING'];
    for (const choice of path) {
      const from = visited.at(-1) ?? 'PENDING';
      const next = jobStates[choice % jobStates.length];
      if (next !== undefined && canTransition(from, next)) visited.push(next);
    }
    const leftAnEnd = visited.flatMap((state, step) => (isTerminal(state) ? visited.slice(step + 1, step + 2) : []));
    expect(leftAnEnd.filter((next) => next !== 'RUNNING' && next !== 'PENDING' && next !== 'CANCELED')).toEqual([]);
    expect(visited.slice(0, -1)).not.toContain('CANCELED');
  });
});

describe('What a client may ask of a job', () => {
  test('depends on its state and on whether items failed', () => {
    const actions = (state: JobState, failed = 0) => allowedActions({ state, failed });
    expect({
      pending: actions('PENDING'),
      running: actions('RUNNING'),
      pausing: actions('PAUSING'),
      paused: actions('PAUSED'),
      completing: actions('COMPLETING'),
      completed: actions('COMPLETED'),
      completedWithFailures: actions('COMPLETED', 3),
      canceling: actions('CANCELING'),
      canceled: actions('CANCELED', 3),
      failed: actions('FAILED', 3),
    }).toEqual({
      pending: ['CANCEL'],
      running: ['PAUSE', 'CANCEL'],
      pausing: [],
      paused: ['RESUME', 'CANCEL'],
      completing: [],
      completed: ['DELETE'],
      completedWithFailures: ['RETRY', 'DELETE'],
      canceling: [],
      canceled: ['DELETE'],
      failed: ['RETRY', 'CANCEL', 'DELETE'],
    });
  });

  test('is to approve it, not to resume it, where its first items wait for that', () => {
    expect(allowedActions({ state: 'PAUSED', failed: 0, pauseReason: 'APPROVAL' })).toEqual(['APPROVE', 'CANCEL']);
    expect(allowedActions({ state: 'PAUSED', failed: 0, pauseReason: 'BUDGET' })).toEqual(['RESUME', 'CANCEL']);
  });

  test('is refused otherwise with the state and what is allowed', () => {
    const job = { id: 'job_1', state: 'COMPLETED', failed: 1 } as const;
    expect(() => assertAllowed('RETRY', job)).not.toThrow();
    expect(catchFrom(() => assertAllowed('PAUSE', job))).toMatchObject({
      name: 'ConflictError',
      code: 'CONFLICT',
      state: 'COMPLETED',
      allowedActions: ['RETRY', 'DELETE'],
      message: 'Job job_1 is COMPLETED: PAUSE is not possible. Allowed now: RETRY, DELETE.',
    });
  });

  test('is no retry once its items are deleted, and what needs them is refused with the time', () => {
    const job = { id: 'job_1', state: 'FAILED', failed: 1, itemsDeletedAt: new Date(0) } as const;
    expect(allowedActions(job)).toEqual(['CANCEL', 'DELETE']);
    const message = expect.stringContaining('The items of job job_1 were deleted at 1970-01-01T00:00:00.000Z');
    const refusal = { code: 'CONFLICT', state: 'FAILED', allowedActions: ['CANCEL', 'DELETE'], message };
    expect(catchFrom(() => assertAllowed('RETRY', job))).toMatchObject(refusal);
    expect(catchFrom(() => assertItems(job))).toMatchObject(refusal);
    expect(() => assertItems({ ...job, itemsDeletedAt: null })).not.toThrow();
  });

  test('is refused in a state of passage with a sentence that says so', () => {
    const refuse = () => assertAllowed('CANCEL', { id: 'job_1', state: 'CANCELING', failed: 0 });
    expect(refuse).toThrow('Job job_1 is CANCELING: CANCEL is not possible. No action is allowed in this state.');
  });

  const jobs = fc.record({ state: fc.constantFrom(...jobStates), failed: fc.nat(5) });

  test.prop([fc.constantFrom(...jobActions), jobs])('is accepted exactly when it is listed', (action, job) => {
    const refused = catchFrom(() => assertAllowed(action, { id: 'job_1', ...job }));
    if (allowedActions(job).includes(action)) expect(refused).toBeNull();
    else expect(refused).toBeInstanceOf(ConflictError);
  });
});

test('A pause has one of six reasons', () => {
  expect(pauseReasons).toEqual(['USER', 'BREAKER', 'BUDGET', 'WINDOW', 'APPROVAL', 'PROVIDER']);
});

function catchFrom(work: () => void): unknown {
  try {
    work();
    return null;
  } catch (error) {
    return error;
  }
}
