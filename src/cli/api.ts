import type { Command } from 'commander';
import { partOfOption } from './part-of-option.ts';
import { readConfig } from '../config.ts';
import { isOutage } from '../database/is-outage.ts';
import { toError } from '../domain/errors.ts';
import { listenForStop, runUntilStopped } from './run-until-stopped.ts';

/** `longhaul api` */
export function addApiCommand(program: Command): void {
  program
    .command('api')
    .description('serve GraphQL, uploads and downloads; configured by LONGHAUL_… variables')
    .addOption(partOfOption())
    .action(async () => {
      const wish = listenForStop();
      const config = readConfig();
      const tracing = config.tracing ? (await import('../tracing/tracing.ts')).startTracing('longhaul-api') : null;
      const [{ createServices }, { findMediaPrograms }, { assertMigrated }, { createHttpServer }, { schema }] =
        await Promise.all([
          import('../services.ts'),
          import('../embedded/media-programs.ts'),
          import('../database/migrations.ts'),
          import('../http/server.ts'),
          import('../../schema/schema.ts'),
        ]);
      const services = await createServices(config, { tracing, findMediaTools: findMediaPrograms });
      const { database, log, metrics, temporal } = services;
      await assertMigrated(database).catch((thrown: unknown) => {
        // It listens without Postgres too, and says at /readyz what is missing.
        if (!isOutage(toError(thrown))) throw thrown;
      });
      const isTemporalReachable = temporal.isUp;
      const server = createHttpServer({ config, services, database, log, metrics, schema, isTemporalReachable });
      await server.listen();
      await runUntilStopped(wish, {
        stop: async () => {
          await server.close();
          await services.close();
          await tracing?.close();
        },
        // Less than what docker-compose.yml waits before it kills.
        stopWithinMs: 12_000,
        kill: () => undefined,
      });
      process.exit(0);
    });
}
