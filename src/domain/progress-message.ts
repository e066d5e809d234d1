import { assertNever } from './errors.ts';
import type { PauseReason } from './job-state.ts';
import { percentDone, type JobProgressFacts, type StageProgress } from './progress.ts';

export interface JobMessageFacts extends JobProgressFacts {
  pauseReason?: PauseReason | null;
  currentStage?: string | null;
  error?: string | null;
  /** Where it stands in line, from 1; null when nothing holds it back. */
  position?: number | null;
  /** Before which it is not to start; null once that has come. */
  startAt?: Date | null;
}

/** Where the job stands, in one English sentence for people: "Inserting 45,500 of 100,000 (45.5 %)". */
export function progressMessage(job: JobMessageFacts, stages: readonly StageProgress[]): string {
  switch (job.state) {
    case 'PENDING':
      if (job.startAt) return `Waiting until ${formatMinute(job.startAt)}`;
      return job.position ? `Waiting in line: number ${formatCount(job.position)}` : 'Waiting to start';
    case 'RUNNING':
      return stageMessage(job, stages) ?? 'Starting';
    case 'PAUSING':
      return `Pausing: what is running comes to its end first (${formatPercent(percentDone(job, stages))})`;
    case 'PAUSED':
      return `Paused at ${formatPercent(percentDone(job, stages))}${pauseNote(job.pauseReason)}`;
    case 'COMPLETING':
      return finishingMessage(stages);
    case 'COMPLETED':
      return job.total === 0 ? 'Completed: the source held no items' : `Completed: ${outcome(job)}`;
    case 'CANCELING':
      return 'Canceling: what is running comes to its end first';
    case 'CANCELED':
      return job.total === 0 ? 'Canceled before any item was read' : `Canceled: ${outcome(job)}`;
    case 'FAILED':
      return `Failed: ${job.error ?? outcome(job)}`;
  }
  return assertNever(job.state);
}

/** "2026-12-01 08:30 UTC", the minute in which it is over: nobody is told to come too early. */
function formatMinute(at: Date): string {
  const minute = new Date(Math.ceil(at.getTime() / 60_000) * 60_000);
  return `${minute.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** 1234567 → "1,234,567" */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** 45.55 → "45.5 %": one decimal, rounded down, so that it says 100 only at 100. */
export function formatPercent(percent: number): string {
  return `${Math.floor(percent * 10 + 1e-9) / 10} %`;
}

/** The stages that run once come last; after them, exports may still be written. */
function finishingMessage(stages: readonly StageProgress[]): string {
  const atWork = stages.find((stage) => stage.kind === 'ONCE' && stage.state === 'RUNNING');
  return atWork ? `${atWork.verb} the results` : 'Completing';
}

function stageMessage(job: JobMessageFacts, stages: readonly StageProgress[]): string | null {
  const stage = stages.find((candidate) => candidate.name === job.currentStage);
  if (!stage) return null;
  const done = stage.completed;
  switch (stage.kind) {
    case 'INGEST':
      if (stage.generation > 0) return `Selecting the failed items to run again: ${formatCount(done)}`;
      if (done === 0 && stage.fetched) return fetchMessage(stage.fetched);
      return `Reading the source: ${formatCount(done)}${stage.total === null ? '' : ` of ${formatCount(stage.total)}`} rows`;
    case 'ITEMS': {
      const total = stage.total ?? job.total;
      const percent = total === 0 ? 0 : Math.min((done / total) * 100, 100);
      return `${stage.verb} ${formatCount(done)} of ${formatCount(total)} (${formatPercent(percent)})`;
    }
    case 'ONCE':
      return stage.isExternal ? drivenMessage(stage) : `${stage.verb} the results`;
  }
  return assertNever(stage.kind);
}

function drivenMessage({ verb, state, completed, total }: StageProgress): string {
  if (state !== 'RUNNING') return `${verb} waiting to be started`;
  return `${verb} ${formatCount(completed)}${total === null ? '' : ` of ${formatCount(total)}`} done`;
}

function fetchMessage({ bytes, total }: { bytes: number; total: number | null }): string {
  return `Fetching the source: ${formatMegabytes(bytes)}${total === null ? '' : ` of ${formatMegabytes(total)}`} MB`;
}

/** 1234567 → "1.2" */
function formatMegabytes(bytes: number): string {
  return (bytes / 1_000_000).toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

function outcome(job: JobMessageFacts): string {
  const parts = [
    `${formatCount(job.succeeded)} succeeded`,
    `${formatCount(job.failed)} failed`,
    ...(job.skipped > 0 ? [`${formatCount(job.skipped)} skipped`] : []),
    ...(job.canceled > 0 ? [`${formatCount(job.canceled)} canceled`] : []),
  ];
  return parts.join(', ');
}

function pauseNote(reason: PauseReason | null | undefined): string {
  switch (reason) {
    case null:
    case undefined:
    case 'USER':
      return '';
    case 'BREAKER':
      return ': too many items failed';
    case 'BUDGET':
      return ': the budget is used up';
    case 'WINDOW':
      return ': it goes on in its next execution window';
    case 'APPROVAL':
      return ': it waits for approval';
    case 'PROVIDER':
      return ': an outside service asked to wait';
  }
  return assertNever(reason);
}
