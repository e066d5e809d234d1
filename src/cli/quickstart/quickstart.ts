import { InvalidArgumentError, type Command } from 'commander';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { readSettings } from '../../config/settings.ts';
import { listenForStop, runUntilStopped } from '../run-until-stopped.ts';
import { describeServer } from '../terminal/describe-server.ts';
import { createTerminalLog } from '../terminal/terminal-log.ts';

/** `longhaul quickstart` */
export function addQuickstartCommand(program: Command): void {
  program
    .command('quickstart')
    .description('like "up", and runs a job over a generated CSV file, from upload to exports')
    .option('--exit', 'end when the job has ended, with 0 when it is COMPLETED')
    .option('--rows <count>', 'rows of the generated file', parseRows, 100_000)
    .action(runQuickstart);
}

async function runQuickstart({ exit = false, rows }: { exit?: boolean; rows: number }): Promise<void> {
  const wish = listenForStop();
  const log = createTerminalLog();
  const { LONGHAUL_DATA_DIR: dataDir, LONGHAUL_HOST: host, LONGHAUL_PORT: port } = readSettings();
  const [{ startLocalServer }, { runDemonstration }] = await Promise.all([
    import('../../embedded/supervisor.ts'),
    import('./run-demonstration.ts'),
  ]);
  log.info('Starting Postgres, Temporal, the API and a worker …');
  const server = await startLocalServer({ dataDir, host, port, log });
  wish.killWith(server.kill);
  try {
    const folder = join(server.config.dataDir, 'quickstart');
    const state = await runDemonstration({
      endpoint: `${server.config.publicUrl}/graphql`,
      apiKey: server.apiKey,
      folder,
      rows,
      log,
      signal: wish.signal,
    });
    if (state !== 'COMPLETED') process.exitCode = 1;
    if (exit || wish.signal.aborted) return;
    console.log(describeServer(server));
    await runUntilStopped(wish, {
      stop: async () => log.info('Stopping; press Ctrl-C again to end everything at once.'),
      kill: server.kill,
    });
  } finally {
    if (exit) console.log(styleText('dim', '  Stopping …'));
    await server.stop();
  }
}

function parseRows(text: string): number {
  const rows = Number(text.replaceAll('_', ''));
  if (!Number.isInteger(rows) || rows < 1 || rows > 10_000_000)
    throw new InvalidArgumentError('It must be a whole number from 1 to 10000000.');
  return rows;
}
