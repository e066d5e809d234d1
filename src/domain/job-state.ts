import { ConflictError } from './errors.ts';

export const jobStates = [
  'PENDING',
  'RUNNING',
  'PAUSING',
  'PAUSED',
  'COMPLETING',
  'COMPLETED',
  'CANCELING',
  'CANCELED',
  'FAILED',
] as const;
export type JobState = (typeof jobStates)[number];

export const jobActions = ['PAUSE', 'RESUME', 'CANCEL', 'RETRY', 'APPROVE', 'DELETE'] as const;
export type JobAction = (typeof jobActions)[number];

export const pauseReasons = ['USER', 'BREAKER', 'BUDGET', 'WINDOW', 'APPROVAL', 'PROVIDER'] as const;
export type PauseReason = (typeof pauseReasons)[number];

const transitions: Record<JobState, readonly JobState[]> = {
  PENDING: ['RUNNING', 'CANCELING', 'CANCELED'],
  RUNNING: ['PAUSING', 'COMPLETING', 'CANCELING', 'FAILED'],
  PAUSING: ['PAUSED', 'FAILED'],
  PAUSED: ['RUNNING', 'PENDING', 'CANCELING'],
  COMPLETING: ['COMPLETED', 'FAILED'],
  COMPLETED: ['RUNNING', 'PENDING'],
  CANCELING: ['CANCELED'],
  CANCELED: [],
  FAILED: ['RUNNING', 'PENDING', 'CANCELED'],
};

/** States in which nothing runs any more; only a retry leaves COMPLETED or FAILED. */
export function isTerminal(state: JobState): boolean {
  return state === 'COMPLETED' || state === 'CANCELED' || state === 'FAILED';
}

export function canTransition(from: JobState, to: JobState): boolean {
  return transitions[from].includes(to);
}

/** @throws Error when the state machine has no such edge: a bug of ours, never of the caller. */
export function assertTransition(from: JobState, to: JobState): void {
  if (!canTransition(from, to)) throw new Error(`A job cannot go from ${from} to ${to}.`);
}

/** What a client may ask of a job now. `failed` is its number of failed items. */
export function allowedActions(job: { state: JobState; failed: number }): JobAction[] {
  switch (job.state) {
    case 'PENDING':
      return ['CANCEL'];
    case 'RUNNING':
      return ['PAUSE', 'CANCEL'];
    case 'PAUSED':
      return ['RESUME', 'CANCEL'];
    case 'FAILED':
      return ['RETRY', 'CANCEL', 'DELETE'];
    case 'COMPLETED':
      return job.failed > 0 ? ['RETRY', 'DELETE'] : ['DELETE'];
    case 'CANCELED':
      return ['DELETE'];
    case 'PAUSING':
    case 'COMPLETING':
    case 'CANCELING':
      return [];
  }
}

/** @throws ConflictError that names the job's state and what is allowed in it. */
export function assertAllowed(action: JobAction, job: { id: string; state: JobState; failed: number }): void {
  const allowed = allowedActions(job);
  if (allowed.includes(action)) return;
  const choice = allowed.length > 0 ? `Allowed now: ${allowed.join(', ')}.` : 'No action is allowed in this state.';
  throw new ConflictError(`Job ${job.id} is ${job.state}: ${action} is not possible. ${choice}`, {
    state: job.state,
    allowedActions: allowed,
  });
}
