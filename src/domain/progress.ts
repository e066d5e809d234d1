import type { ItemCounts } from './item-counts.ts';
import { isTerminal, type JobState } from './job-state.ts';
import type { StageKind, StageState } from './stage-plan.ts';

/** A stage as far as progress goes. `completed` counts every item that the stage is done with, `failed` those of them that failed in it. */
export interface StageProgress {
  name: string;
  kind: StageKind;
  /** Present participle for the progress sentence: "Inserting". */
  verb: string;
  /** Share in the job's percentage beside the other ITEMS stages; INGEST and ONCE stages count for nothing. */
  weight: number;
  state: StageState;
  generation: number;
  /** Null while the length of the source is not known. */
  total: number | null;
  completed: number;
  failed: number;
  startedAt: Date | null;
  completedAt: Date | null;
  /** Run from outside. */
  isExternal?: boolean;
  /** Bytes of a file that is fetched before its rows are read. */
  fetched?: { bytes: number; total: number | null } | null;
}

/** What progress is worked out from. The counts add up to `total`. */
export interface JobProgressFacts extends ItemCounts {
  state: JobState;
  generation: number;
  startedAt?: Date | null;
  completedAt?: Date | null;
  pausedAt?: Date | null;
  pausedMs: number;
}

/**
 * Share of the job's items that is done, from 0 to 1, of all items in every generation. An item that has ended counts
 * whole; one that is part-way counts by the weights of the ITEMS stages that it has come through in this generation.
 */
export function doneShare(job: JobProgressFacts, stages: readonly StageProgress[]): number {
  if (job.total === 0) return job.state === 'COMPLETED' ? 1 : drivenShare(stages);
  const ended = job.succeeded + job.failed + job.skipped;
  if (isTerminal(job.state)) return ended / job.total;
  if (isReadingSource(job, stages)) return 0;
  const unended = job.pending + job.running;
  return Math.min((ended + unended * throughShare(job, stages, unended)) / job.total, 1);
}

/** Of a job without items: its stages that are driven from outside, each as much as the others. */
function drivenShare(stages: readonly StageProgress[]): number {
  const driven = stages.filter(({ kind, isExternal }) => kind === 'ONCE' && isExternal);
  return driven.reduce((sum, stage) => sum + stagePercent(stage) / 100, 0) / Math.max(driven.length, 1);
}

/** Percentage with two decimals, rounded down; 100 only when the job has ended and every item with it. */
export function percentDone(job: JobProgressFacts, stages: readonly StageProgress[]): number {
  const share = doneShare(job, stages);
  if (share >= 1 && isTerminal(job.state)) return 100;
  return Math.min(roundDown(share * 100), 99.99);
}

/** Percentage of one stage with two decimals, rounded down; 100 only when it is COMPLETED. */
export function stagePercent(stage: Pick<StageProgress, 'state' | 'total' | 'completed'>): number {
  if (stage.state === 'COMPLETED') return 100;
  if (!stage.total) return 0;
  return Math.min(roundDown((stage.completed / stage.total) * 100), 99.99);
}

/** Milliseconds that the job has been running; pauses don't count. */
export function elapsedMs(job: JobProgressFacts, now: Date): number {
  if (!job.startedAt) return 0;
  const end = isTerminal(job.state) ? (job.completedAt ?? now) : (job.pausedAt ?? now);
  return Math.max(end.getTime() - job.startedAt.getTime() - job.pausedMs, 0);
}

/** Mean speed since the items were read; an item that is part-way counts in part. 0 while nothing is done. */
export function itemsPerSecond(job: JobProgressFacts, stages: readonly StageProgress[], now: Date): number {
  const elapsed = elapsedMs(job, now);
  const working = elapsed - readingMs(stages);
  // A pause while the source was read is in both figures: then the whole time is the better guess.
  const ms = working > 0 ? working : elapsed;
  if (ms === 0) return 0;
  return Math.round(((doneShare(job, stages) * job.total) / ms) * 1_000 * 100) / 100;
}

/** Milliseconds to the end at the mean speed so far; null when the job isn't running or has done nothing yet. */
export function etaMs(job: JobProgressFacts, stages: readonly StageProgress[], now: Date): number | null {
  if (job.state !== 'RUNNING') return null;
  const speed = itemsPerSecond(job, stages, now);
  if (speed === 0) return null;
  return Math.round(((job.total * (1 - doneShare(job, stages))) / speed) * 1_000);
}

/** Until the source is read its length is a guess: a percentage of it would jump. */
function isReadingSource(job: JobProgressFacts, stages: readonly StageProgress[]): boolean {
  return job.generation === 0 && stages.some((stage) => stage.kind === 'INGEST' && stage.state !== 'COMPLETED');
}

/** Weighted share of the stages that the items without an end have come through. The last ITEMS stage ends items, so nobody is through it. */
function throughShare(job: JobProgressFacts, stages: readonly StageProgress[], unended: number): number {
  const itemStages = stages.filter((stage) => stage.kind === 'ITEMS');
  const weights = itemStages.reduce((sum, stage) => sum + stage.weight, 0);
  if (unended === 0 || weights === 0) return 0;
  // Items that ended in a later stage came through the earlier ones too: where stages run side by side they are counted there already.
  const begun = itemStages.filter((stage) => stage.generation === job.generation);
  const last = itemStages.at(-1);
  let endedLater = last && begun.includes(last) ? last.completed : 0;
  let through = 0;
  for (const stage of begun.toReversed()) {
    if (stage === last) continue;
    endedLater += stage.failed;
    const items = Math.max(stage.completed - endedLater, 0);
    through += stage.weight * (stage.state === 'COMPLETED' ? 1 : Math.min(items / unended, 1));
  }
  return through / weights;
}

function readingMs(stages: readonly StageProgress[]): number {
  const ingest = stages.find((stage) => stage.kind === 'INGEST');
  if (!ingest?.startedAt || !ingest.completedAt || ingest.generation > 0) return 0;
  return Math.max(ingest.completedAt.getTime() - ingest.startedAt.getTime(), 0);
}

function roundDown(percent: number): number {
  // The tiny addend keeps 28.999999999999996 from becoming 28.99.
  return Math.floor(percent * 100 + 1e-9) / 100;
}
