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
  PENDING: ['RUNNING', 'CANCELING', 'CANCELED', 'FAILED'],
  RUNNING: ['PAUSING', 'COMPLETING', 'CANCELING', 'FAILED'],
  PAUSING: ['PAUSED', 'FAILED'],
  PAUSED: ['RUNNING', 'PENDING', 'CANCELING', 'FAILED'],
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

/** True when the state machine has this edge. */
export function canTransition(from: JobState, to: JobState): boolean {
  return transitions[from].includes(to);
}

/** @throws Error when the state machine has no such edge: a bug of ours, never of the caller. */
export function assertTransition(from: JobState, to: JobState): void {
  if (!canTransition(from, to)) throw new Error(`A job cannot go from ${from} to ${to}.`);
}

/** What decides about the actions on a job. `failed` is its number of failed items; without items nothing runs again. */
export interface ActionFacts {
  state: JobState;
  failed: number;
  pauseReason?: PauseReason | null;
  itemsDeletedAt?: Date | null;
}

/** What a client may ask of a job now. */
export function allowedActions(job: ActionFacts): JobAction[] {
  const actions = actionsByState(job);
  return job.itemsDeletedAt ? actions.filter((action) => action !== 'RETRY') : actions;
}

function actionsByState(job: ActionFacts): JobAction[] {
  switch (job.state) {
    case 'PENDING':
      return ['CANCEL'];
    case 'RUNNING':
      return ['PAUSE', 'CANCEL'];
    case 'PAUSED':
      return [job.pauseReason === 'APPROVAL' ? 'APPROVE' : 'RESUME', 'CANCEL'];
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
export function assertAllowed(action: JobAction, job: ActionFacts & { id: string }): void {
  const allowed = allowedActions(job);
  if (allowed.includes(action)) return;
  if (action === 'RETRY') assertItems(job);
  const choice = allowed.length > 0 ? `Allowed now: ${allowed.join(', ')}.` : 'No action is allowed in this state.';
  throw new ConflictError(`Job ${job.id} is ${job.state}: ${action} is not possible. ${choice}`, {
    state: job.state,
    allowedActions: allowed,
  });
}

/** @throws ConflictError once the items of a job are deleted, as its project's retention wants it. */
export function assertItems(job: ActionFacts & { id: string }): void {
  if (!job.itemsDeletedAt) return;
  throw new ConflictError(
    `The items of job ${job.id} were deleted at ${job.itemsDeletedAt.toISOString()}: they were kept for as long as the retention of the project says. Its totals, journal and exports are still there.`,
    { state: job.state, allowedActions: allowedActions(job) },
  );
}
