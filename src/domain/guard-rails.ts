import type { Canary } from './canary.ts';
import type { ExecutionWindow } from './execution-window.ts';
import type { FailureBreaker } from './failure-breaker.ts';

export const deadlineActions = ['FAIL', 'CANCEL'] as const;
/** What becomes of a job that has not ended at its deadline. */
export type DeadlineAction = (typeof deadlineActions)[number];

export const deadlineLimits = { minMinutes: 1, maxMinutes: 1_440 } as const;

export const canaryStates = ['RUNNING', 'WAITING', 'APPROVED', 'PASSED'] as const;
/** WAITING for approval; PASSED when the job had no other items, so that nobody needed to be asked. */
export type CanaryState = (typeof canaryStates)[number];

export interface Budget {
  /** An exact decimal in the unit, "12.50". */
  amount: string;
  /** The one in which the job type counts its costs: "EUR", "TOKEN". */
  unit: string;
}

/** What one item costs, as it was when the job was submitted. */
export interface ItemCosts {
  unit: string;
  /** By name of the item stage: an exact decimal. Stages without costs are left out. */
  perItem: Record<string, string>;
}

/** What holds a job within bounds; null for a rail that it does not have. */
export interface GuardRailSettings {
  deadline: { minutes: number; action: DeadlineAction } | null;
  window: ExecutionWindow | null;
  canary: Canary | null;
  breaker: FailureBreaker | null;
  budget: Budget | null;
  limits: { chunksAtOnce: number | null } | null;
}

export const noGuardRails: GuardRailSettings = {
  deadline: null,
  window: null,
  canary: null,
  breaker: null,
  budget: null,
  limits: null,
};
