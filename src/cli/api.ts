import type { Command } from 'commander';
import { partOfOption } from './part-of-option.ts';
import { readConfig } from '../config.ts';
import { listenForStop, runUntilStopped } from './run-until-stopped.ts';

export function addApiCommand(program: Command): void {
  program
    .command('api')
    .description('serve GraphQL, uploads and downloads; configured by LONGHAUL_… variables')
    .addOption(partOfOption())
    .action(async () => {
      const wish = listenForStop();
      const config = readConfig();
      const tracing = config.tracing ? (await import('../tracing/tracing.ts')).startTracing('longhaul-api') : null;
      const [{ createServices }, { createHttpServer }, { schema }] = await Promise.all([
        import('../services.ts'),
        import('../http/server.ts'),
        import('../../schema/schema.ts'),
      ]);
      const services = await createServices(config, tracing);
      const { database, log, metrics, temporal } = services;
      const isTemporalReachable = temporal.isUp;
      const server = createHttpServer({ config, services, database, log, metrics, schema, isTemporalReachable });
      await server.listen();
      await runUntilStopped(wish, {
        stop: async () => {
          await server.close();
          await services.close();
          await tracing?.close();
        },
        kill: () => undefined,
      });
      process.exit(0);
    });
}
