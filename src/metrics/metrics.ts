import type { FinalItemState } from '../domain/item-counts.ts';

/** Calls the measured thing over. */
type End = () => void;

/** What the parts of a process tell about their work. What it becomes is not their business. */
export interface Metrics {
  /** Items of a chunk have their result in the database. */
  itemsEnded(jobType: string, outcomes: readonly FinalItemState[]): void;
  chunkStarted(jobType: string): End;
  commitStarted(): End;
  socketOpened(): End;
  subscriptionOpened(): End;
}

const nothing = () => undefined;

/** For those who do not measure. */
export const noMetrics: Metrics = {
  itemsEnded: nothing,
  chunkStarted: () => nothing,
  commitStarted: () => nothing,
  socketOpened: () => nothing,
  subscriptionOpened: () => nothing,
};
