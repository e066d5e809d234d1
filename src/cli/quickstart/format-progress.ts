import { styleText } from 'node:util';
import { formatDuration } from '../terminal/format-duration.ts';
import type { JobSnapshot, StageSnapshot } from './operations.ts';

const barWidth = 30;

/** The job as lines for a terminal: a bar for each stage, then where the whole stands. */
export function formatProgress(job: JobSnapshot, { now, columns }: { now: Date; columns: number }): string[] {
  const nameWidth = Math.max(...job.stages.map((stage) => stage.name.length));
  const width = columns < 90 ? Math.floor(barWidth / 2) : barWidth;
  return [
    '',
    ...job.stages.map((stage) => formatStage(stage, { now, nameWidth, width })),
    '',
    `  ${styleText('bold', job.message)}`,
    `  ${formatFigures(job)}`,
  ];
}

/** The job as one line for a log. */
export function formatProgressLine(job: JobSnapshot): string {
  return `  ${job.progress.percent.toFixed(1).padStart(5)} %  ${job.state.padEnd(10)}  ${job.message}  ${formatFigures(job)}`;
}

function formatStage(
  stage: StageSnapshot,
  { now, nameWidth, width }: { now: Date; nameWidth: number; width: number },
): string {
  const filled = Math.round((Math.min(100, stage.percent) / 100) * width);
  const color = stage.state === 'FAILED' ? 'red' : stage.state === 'COMPLETED' ? 'green' : 'cyan';
  const bar = styleText(color, '━'.repeat(filled)) + styleText('dim', '─'.repeat(width - filled));
  const name = stage.name.padEnd(nameWidth);
  const title = stage.state === 'PENDING' ? styleText('dim', name) : name;
  const figures = describeStage(stage, now);
  return `  ${marks[stage.state] ?? ' '} ${title}  ${bar}${figures === '' ? '' : `  ${figures}`}`;
}

const marks: Record<string, string> = {
  PENDING: ' ',
  RUNNING: styleText('cyan', '▸'),
  COMPLETED: styleText('green', '✓'),
  FAILED: styleText('red', '✗'),
  CANCELED: styleText('yellow', '–'),
  SKIPPED: styleText('dim', '–'),
};

function describeStage(stage: StageSnapshot, now: Date): string {
  if (stage.startedAt === null) return '';
  const done = stage.completed;
  const elapsedMs = Math.max(0, (stage.completedAt ?? now).getTime() - stage.startedAt.getTime());
  const perSecond = elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0;
  // While the length of a source is not known, the total is what was read so far.
  const total = stage.completedAt === null && stage.total > done ? ` of ${number(stage.total)}` : '';
  const counted = done === 0 ? '' : `${number(done)}${total}`;
  const failed = stage.failed > 0 ? styleText('yellow', `${number(stage.failed)} failed`) : '';
  const rate = done > 1 && elapsedMs >= 200 ? `${number(Math.round(perSecond))}/s` : '';
  const leftMs = stage.completedAt === null && perSecond > 0 ? ((stage.total - done) / perSecond) * 1000 : 0;
  const time =
    stage.completedAt === null ? (leftMs > 0 ? `${formatDuration(leftMs)} left` : '') : formatDuration(elapsedMs);
  return [counted, failed, rate, time].filter((part) => part !== '').join(' · ');
}

function formatFigures({ progress }: JobSnapshot): string {
  const parts = [
    styleText('green', `${number(progress.succeeded)} succeeded`),
    progress.failed > 0 ? styleText('yellow', `${number(progress.failed)} failed`) : '',
    progress.skipped > 0 ? `${number(progress.skipped)} skipped` : '',
    progress.itemsPerSecond > 0 ? `${number(Math.round(progress.itemsPerSecond))} items/s` : '',
    progress.elapsedMs > 0 ? formatDuration(progress.elapsedMs) : '',
    progress.etaMs === null || progress.etaMs <= 0 ? '' : `about ${formatDuration(progress.etaMs)} left`,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

const number = (value: number) => value.toLocaleString('en');
