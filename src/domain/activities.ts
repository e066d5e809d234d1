/** Names one chunk. */
export interface ChunkRef {
  jobId: string;
  /** Position of the stage in its job, from 0. */
  stage: number;
  generation: number;
  index: number;
}

/** What the coordinator does next, as the database has it. */
export type NextStep =
  /** Read the source, or in a redrive select the items that run again. */
  | { kind: 'INGEST'; generation: number }
  /** Run these chunks, at most `window` at a time; `taskPriority` is Temporal's 1 (first) to 5. */
  | { kind: 'CHUNKS'; stage: number; generation: number; indexes: number[]; window: number; taskPriority: number }
  | { kind: 'ONCE'; stage: number; generation: number }
  /** Write the exports that were asked for at submit. */
  | { kind: 'EXPORTS'; exportIds: string[] }
  /** Paused: nothing to do until somebody wakes the workflow. */
  | { kind: 'WAIT' }
  | { kind: 'END' };

/** DONE: committed (perhaps by an earlier attempt). YIELDED: stopped because the job is pausing or canceling. */
export type StepOutcome = 'DONE' | 'YIELDED';

/** What workflows can ask of the outside world. Inputs are ids, ranges and counts, never payloads. */
export interface Activities {
  /** Moves the job along its states and says what comes next. Called only when nothing of the job is in flight. */
  advanceJob(input: { jobId: string }): Promise<NextStep>;
  ingestItems(input: { jobId: string; generation: number }): Promise<StepOutcome>;
  runChunk(input: ChunkRef): Promise<StepOutcome>;
  runOnceStage(input: { jobId: string; stage: number; generation: number }): Promise<void>;
  /** Writes an export, or marks it FAILED when it cannot be written. */
  writeExport(input: { exportId: string }): Promise<void>;
  /** Deletes one bounded batch of a deleted job's rows and files; true when nothing is left. */
  purgeJobBatch(input: { jobId: string }): Promise<boolean>;
  /** Deletes one bounded batch of files that have expired; true when nothing is left. */
  cleanUp(): Promise<boolean>;
}
