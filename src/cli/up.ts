import type { Command } from 'commander';
import { readSettings } from '../config/settings.ts';
import { listenForStop, runUntilStopped } from './run-until-stopped.ts';
import { createTerminalLog } from './terminal/terminal-log.ts';
import { describeServer } from './terminal/describe-server.ts';

/** `longhaul up` */
export function addUpCommand(program: Command): void {
  program
    .command('up')
    .description('run everything on this machine: Postgres, Temporal, API and worker')
    .action(async () => {
      const wish = listenForStop();
      const log = createTerminalLog();
      const { LONGHAUL_DATA_DIR: dataDir, LONGHAUL_HOST: host, LONGHAUL_PORT: port } = readSettings();
      const { startLocalServer } = await import('../embedded/supervisor.ts');
      log.info('Starting Postgres, Temporal, the API and a worker …');
      const server = await startLocalServer({ dataDir, host, port, log });
      console.log(describeServer(server));
      await runUntilStopped(wish, {
        stop: async () => {
          log.info('Stopping; press Ctrl-C again to end everything at once.');
          await server.stop();
        },
        kill: server.kill,
      });
    });
}
