import type { WorkerKind } from './worker-kind.ts';

/** Names one chunk. */
export interface ChunkRef {
  jobId: string;
  /** Position of the stage in its job, from 0. */
  stage: number;
  generation: number;
  index: number;
}

/** Chunks `first`..`last` of a stage, both included, as far as they have not ended. */
export interface ChunkSpan {
  first: number;
  last: number;
}

/** A stage that chunks go through, and the kind of worker that runs it. */
export interface LaneStage {
  stage: number;
  worker: WorkerKind;
}

/** What the coordinator does next, as the database has it. */
export type NextStep =
  /** Read the source, or in a redrive select the items that run again. */
  | { kind: 'INGEST'; generation: number }
  /**
   * Run these chunks, at most `window` at a time, and each of `runs` one chunk after the other; `taskPriority` is Temporal's 1 (first) to 5, `fairnessWeight` the job's share.
   */
  | {
      kind: 'CHUNKS';
      stage: number;
      generation: number;
      indexes: number[];
      runs?: number[][];
      window: number;
      taskPriority: number;
      fairnessWeight?: number;
      /** What each chunk goes through before its lane takes the next; `stage` alone on any worker when left out. */
      lane?: LaneStage[];
    }
  /** Run these partitions of a stage in order, each as a workflow, in `lanes` lanes. */
  | {
      kind: 'PARTITIONS';
      stage: number;
      generation: number;
      partitions: ChunkSpan[];
      lanes: number;
      taskPriority: number;
      fairnessWeight?: number;
      lane?: LaneStage[];
    }
  /** An earlier run of the coordinator may have left lanes 0..`lanes` - 1 behind: stop them, then ask again. */
  | { kind: 'DRAIN'; lanes: number }
  | { kind: 'ONCE'; stage: number; generation: number }
  /** Write the exports that were asked for at submit. */
  | { kind: 'EXPORTS'; exportIds: string[] }
  /** Tell the sheet that the items came from what became of them. */
  | { kind: 'WRITE_BACK' }
  /** Nothing to do until somebody wakes the workflow or, where it is given, so many milliseconds have passed. */
  | { kind: 'WAIT'; forMs?: number }
  | { kind: 'END' };

/** DONE: committed (perhaps by an earlier attempt). YIELDED: stopped because the job is pausing or canceling. */
export type StepOutcome = 'DONE' | 'YIELDED';

/** A DONE with the weight that the next chunks of the job have beside those of others: jobs came and went. */
export interface WeighedDone {
  fairnessWeight: number;
}

/** What workflows can ask of the outside world. Inputs are ids, ranges and counts, never payloads. */
export interface Activities {
  /**
   * Moves the job along its states and says what comes next. Called only when nothing of the job is in flight, but for what
   * an earlier coordinator may have left: `isNewCoordinator` tells that this is the first question of one that continues no other.
   */
  advanceJob(input: { jobId: string; isNewCoordinator?: boolean }): Promise<NextStep>;
  /** The first open chunks of a part of a stage, in order; `hasMore` when there are others behind them. */
  listOpenChunks(input: Omit<ChunkRef, 'index'> & ChunkSpan): Promise<{ indexes: number[]; hasMore: boolean }>;
  /** False once a job is to pause or to end. */
  mayGoOn(input: { jobId: string }): Promise<boolean>;
  ingestItems(input: { jobId: string; generation: number }): Promise<StepOutcome>;
  /** What is DONE also tells the share of its job from now on. */
  runChunk(input: ChunkRef): Promise<StepOutcome | WeighedDone>;
  runOnceStage(input: { jobId: string; stage: number; generation: number }): Promise<void>;
  /** Writes an export, or marks it FAILED when it cannot be written. */
  writeExport(input: { exportId: string }): Promise<void>;
  /** Tells the sheet of a job what became of its rows, or notes in the journal that it cannot be told. */
  writeBack(input: { jobId: string }): Promise<void>;
  /** Deletes one bounded batch of the rows and files that are due to go; true when nothing is left. */
  purgeJobs(): Promise<boolean>;
  /** Takes one bounded batch of what has been kept for long enough; true when nothing is left. */
  cleanUp(): Promise<boolean>;
}
