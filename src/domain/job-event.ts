import type { CanaryReport } from './canary.ts';
import type { DeadlineAction } from './guard-rails.ts';
import type { ItemCounts } from './item-counts.ts';
import type { JobState, PauseReason } from './job-state.ts';

/** How far a stage is; `total` is null while a source is read whose length is not known yet. */
export interface StageFigures {
  stage: string;
  generation: number;
  total: number | null;
  completed: number;
  failed: number;
}

export interface ChunkFigures {
  stage: string;
  generation: number;
  index: number;
  firstItem: number;
  lastItem: number;
  attempt: number;
}

export interface ItemFigures {
  stage: string;
  generation: number;
  index: number;
  key: string;
}

/**
 * The entries of a job's journal, by type. Every entry is written in the transaction that makes the change it tells of.
 * Numbers are item counts unless named otherwise.
 */
export interface JobEventData {
  JobSubmitted: { title: string; type: string; priority: string; by: string };
  JobStateChanged: { from: JobState; to: JobState; reason: PauseReason | null; by: string; message: string | null };
  /** A redrive begins: `selected` failed items run again as `generation`. */
  JobRedriven: { generation: number; selected: number; by: string };
  StageStarted: StageFigures;
  StageProgressed: StageFigures & { counts: ItemCounts };
  StageCompleted: StageFigures;
  StageFailed: StageFigures & { error: string };
  /** A stage that is driven from outside failed for now; `retryAt` (ISO 8601) is when it may be started again. */
  StageDelayed: StageFigures & { error: string; retryAt: string };
  ChunkCompleted: ChunkFigures & { succeeded: number; failed: number; skipped: number; counts: ItemCounts };
  /** An item that takes long came further in a stage; `step` is for people, `warning` what they should know of it. */
  ItemProgressed: ItemFigures & { percent: number; step: string; warning: string | null };
  /** The chunk was given up; its remaining items are FAILED. */
  ChunkFailed: ChunkFigures & { error: string; failed: number; counts: ItemCounts };
  /** So many of the items failed in a stage, or over all where it is null, since the job began or was last resumed, that its breaker pauses it. */
  BreakerTripped: { generation: number; stage: string | null; failed: number; ended: number };
  /** The next chunk does not fit into what is left of the budget; amounts are exact decimals. */
  BudgetReached: { amount: string; unit: string; spent: string; reserved: string; needed: string };
  /** All items of the canary have ended; the others wait for approval. */
  CanaryCompleted: CanaryReport;
  /** The job must have ended at `deadlineAt`, ISO 8601, or is ended then. */
  DeadlineApproaching: { deadlineAt: string; action: DeadlineAction };
  /** The rails named here are others now. */
  LimitsChanged: { changed: string[]; by: string };
  ExportProgressed: { exportId: string; format: string; percent: number };
  ExportCompleted: { exportId: string; format: string; fileName: string; byteSize: number; sha256: string };
  ExportFailed: { exportId: string; format: string; error: string };
  /** Its time was over and its file is deleted. */
  ExportExpired: { exportId: string; format: string };
  /** The sheet that the items came from was told what became of them; `conflictRows`, as it numbers them, are the first of those that are others by now. */
  SheetWritten: { written: number; conflicts: number; conflictRows: number[] };
  SheetWriteFailed: { error: string };
  /** The time of its items was over: they and their results are deleted. */
  ItemsDeleted: { items: number };
}

export const jobEventTypes = [
  'JobSubmitted',
  'JobStateChanged',
  'JobRedriven',
  'StageStarted',
  'StageProgressed',
  'StageCompleted',
  'StageFailed',
  'StageDelayed',
  'ChunkCompleted',
  'ChunkFailed',
  'ItemProgressed',
  'BreakerTripped',
  'BudgetReached',
  'CanaryCompleted',
  'DeadlineApproaching',
  'LimitsChanged',
  'ExportProgressed',
  'ExportCompleted',
  'ExportFailed',
  'ExportExpired',
  'SheetWritten',
  'SheetWriteFailed',
  'ItemsDeleted',
] as const satisfies readonly (keyof JobEventData)[];
export type JobEventType = keyof JobEventData;

/** One journal entry; `sequence` runs 1, 2, 3 … within its job, in commit order. */
export type JobEvent = {
  [T in JobEventType]: { jobId: string; sequence: number; at: Date; type: T; data: JobEventData[T] };
}[JobEventType];
