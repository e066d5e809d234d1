// npm run check [-- <name> …]
// Everything about the code that needs no test: each check, what it found, how long it took. Ends with 1 when one fails.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const checks = {
  format: 'oxfmt --check',
  lint: 'oxlint',
  types: 'tsc --project .',
  dependencies: 'depcruise --config .dependency-cruiser.mjs src schema workflows',
  'dead-code': 'knip',
  schema: 'node schema/print-schema.ts --check',
  migrations: 'node scripts/check-migrations.ts',
  'migration-safety': 'node scripts/lint-migrations.ts',
  // The compose file against the schema of its specification, among other rules; the order of keys is ours.
  compose:
    'dclint docker-compose.yml --max-warnings 0 --disable-rule service-keys-order --disable-rule top-level-properties-order',
  dockerfile: 'node scripts/lint-dockerfile.ts',
  'domain-coverage': 'vitest run --project domain --coverage',
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(checks, name));
if (unknown.length > 0) {
  console.error(`There is no check "${unknown.join('", "')}". There are: ${Object.keys(checks).join(', ')}.`);
  process.exit(1);
}

const failed: string[] = [];
for (const [name, command] of Object.entries(checks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const startedAt = performance.now();
  const { succeeded, output } = await run(command);
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`${succeeded ? 'ok    ' : 'FAILED'}  ${name.padEnd(16)}${seconds.padStart(6)} s`);
  if (succeeded) continue;
  failed.push(name);
  console.log(`\n$ ${command}\n${output.trimEnd()}\n`);
}
console.log(failed.length === 0 ? 'Everything is in order.' : `Not in order: ${failed.join(', ')}.`);
process.exit(failed.length === 0 ? 0 : 1);

async function run(command: string): Promise<{ succeeded: boolean; output: string }> {
  const [program = '', ...args] = command.split(' ');
  // The programs are those of node_modules/.bin, which scripts/run.mjs puts first on PATH.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = await once(child, 'close');
  return { succeeded: code === 0, output };
}
