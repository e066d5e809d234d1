// npm run chaos [-- --minutes N] [--seed S]
// Kills, freezes and cuts off the parts of an installation of its own while jobs run on it, then counts everything.
// Ends with 1 when a promise did not hold; the seed that it prints deals the same faults again.
import { parseArgs } from 'node:util';
import { formatTable } from '../src/cli/terminal/table.ts';
import { runChaos } from '../test/chaos/run-chaos.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const minutes = Number(values.minutes);
if (!Number.isSafeInteger(seed) || !(minutes >= 0)) {
  console.error('Use it as: npm run chaos -- --minutes 10 --seed 7');
  process.exit(1);
}

console.log(`Seed ${seed}, ${minutes} minutes.`);
const startedAt = performance.now();
const elapsed = () => ((performance.now() - startedAt) / 1_000).toFixed(1);
const outcome = await runChaos({ seed, minutes, tell: (line) => console.log(`${elapsed().padStart(7)} s  ${line}`) });

const rows = [
  ...[...outcome.faults].map(([name, times]) => [name, String(times)]),
  ...[...outcome.jobs].map(([name, jobs]) => [`jobs: ${name}`, String(jobs)]),
  ['items', String(outcome.items)],
  ['journal entries that followers received', String(outcome.delivered)],
  ['looks at the counts of a job', String(outcome.samples)],
  ['pauses in which nothing moved', String(outcome.pauses)],
  ['violations', String(outcome.violations.length)],
];
const columns = [
  { title: `seed ${seed}, ${elapsed()} s`, align: 'left' as const },
  { title: 'times', align: 'right' as const },
];
console.log(`\n${formatTable(columns, rows).join('\n')}`);
for (const violation of outcome.violations) console.log(`\n${violation}`);
process.exit(outcome.violations.length === 0 ? 0 : 1);
