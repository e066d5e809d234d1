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
  /** The chunk was given up; its remaining items are FAILED. */
  ChunkFailed: ChunkFigures & { error: string; failed: number; counts: ItemCounts };
  ExportProgressed: { exportId: string; format: string; percent: number };
  ExportCompleted: { exportId: string; format: string; fileName: string; byteSize: number; sha256: string };
  ExportFailed: { exportId: string; format: string; error: string };
  /** Its time was over and its file is deleted. */
  ExportExpired: { exportId: string; format: string };
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
  'ExportProgressed',
  'ExportCompleted',
  'ExportFailed',
  'ExportExpired',
] as const satisfies readonly (keyof JobEventData)[];
export type JobEventType = keyof JobEventData;

/** One journal entry; `sequence` runs 1, 2, 3 … within its job, in commit order. */
export type JobEvent = {
  [T in JobEventType]: { jobId: string; sequence: number; at: Date; type: T; data: JobEventData[T] };
}[JobEventType];
