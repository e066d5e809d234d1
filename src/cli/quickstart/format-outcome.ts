import { styleText } from 'node:util';
import { formatDuration } from '../terminal/format-duration.ts';
import { shortestPath } from '../terminal/shortest-path.ts';
import { formatTable } from '../terminal/table.ts';
import type { DownloadedOutcome } from './download-exports.ts';
import type { CurrencySum, ExportFile, FailureGroup } from './operations.ts';

/** What came of the job: its counts, sums by currency, failures by reason, and where its files lie. */
export function formatOutcome(job: DownloadedOutcome): string[] {
  const { progress } = job;
  const good = job.state === 'COMPLETED';
  const head = styleText([good ? 'green' : 'red', 'bold'], `${good ? '✓' : '✗'} ${job.state}`);
  const counts = `${count(progress.total)} items: ${count(progress.succeeded)} succeeded, ${count(progress.failed)} failed, ${count(progress.skipped)} skipped`;
  return [
    '',
    `${head}  ${counts}  ${styleText('dim', formatDuration(progress.elapsedMs))}`,
    ...(good ? [] : [`  ${job.message}`]),
    ...('byCurrency' in job.aggregates ? section('By currency', formatSums(job.aggregates.byCurrency)) : []),
    ...section('Failures', formatFailures(job.failures.edges.map((edge) => edge.node))),
    ...section(
      'Exports',
      job.exports.flatMap((file) => formatExport(file, job.paths.get(file.id))),
    ),
  ];
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', styleText('bold', title), ...lines];
}

function formatSums(sums: CurrencySum[]): string[] {
  if (sums.length === 0) return [];
  const rows = sums.map((sum) => [
    sum.currency,
    count(sum.count),
    amount(sum.totalAmount, sum.currency),
    amount(sum.averageAmount, sum.currency),
  ]);
  return formatTable(
    [
      { title: 'Currency', align: 'left' },
      { title: 'Transactions', align: 'right' },
      { title: 'Total', align: 'right' },
      { title: 'Average', align: 'right' },
    ],
    rows,
  );
}

/** Exact: digits are grouped and rounded as text, never as a floating-point number. */
function amount(decimal: string, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'code' });
  // `format` takes decimal text as it is; its type knows only the forms that TypeScript can check.
  const parts = format.formatToParts(decimal as `${number}`);
  return parts
    .filter((part) => part.type !== 'currency' && part.value.trim() !== '')
    .map((part) => part.value)
    .join('');
}

function formatFailures(groups: FailureGroup[]): string[] {
  if (groups.length === 0) return [];
  const rows = groups.map((group) => [
    count(group.count),
    group.code,
    group.message.length > 70 ? `${group.message.slice(0, 69)}…` : group.message,
  ]);
  return formatTable(
    [
      { title: 'Items', align: 'right' },
      { title: 'Code', align: 'left' },
      { title: 'Example', align: 'left' },
    ],
    rows,
  );
}

function formatExport(file: ExportFile, path: string | undefined): string[] {
  const title = `  ${file.format} of ${file.content}`;
  if (file.state !== 'COMPLETED') return [`${title}: ${file.state}${file.error === null ? '' : ` (${file.error})`}`];
  const size = file.byteSize === null ? '' : ` ${styleText('dim', `${(file.byteSize / 1e6).toFixed(1)} MB`)}`;
  return [
    `${title}${size}  ${path === undefined ? '' : shortestPath(path)}`,
    ...(file.downloadUrl === null ? [] : [`    ${styleText('cyan', file.downloadUrl)}`]),
  ];
}

const count = (value: number) => value.toLocaleString('en');
