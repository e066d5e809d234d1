import type { Command } from 'commander';
import { partOfOption } from './part-of-option.ts';
import { readConfig } from '../config.ts';
import { readProgramPlaces } from '../config/program-places.ts';
import { listenForStop, runUntilStopped, unlessStopped } from './run-until-stopped.ts';

/** `longhaul worker` */
export function addWorkerCommand(program: Command): void {
  program
    .command('worker')
    .description('run jobs; start as many as you like, each configured by LONGHAUL_… variables')
    .addOption(partOfOption())
    .action(async () => {
      const wish = listenForStop();
      const config = readConfig();
      const tracing = config.tracing ? (await import('../tracing/tracing.ts')).startTracing('longhaul-worker') : null;
      const [
        { createServices },
        { assertMigrated },
        { whenDatabaseAnswers },
        { findBuild },
        { findWorkflowBundle },
        { startWorker },
        { startMetricsServer },
        { findMediaPrograms },
      ] = await Promise.all([
        import('../services.ts'),
        import('../database/migrations.ts'),
        import('../database/when-database-answers.ts'),
        import('../temporal/hash-code.ts'),
        import('../temporal/workflow-bundle.ts'),
        import('../temporal/start-worker.ts'),
        import('../metrics/metrics-server.ts'),
        import('../embedded/media-programs.ts'),
      ]);
      const services = await createServices(config, { tracing, findMediaTools: findMediaPrograms });
      const { host, metricsPort: port } = config;
      const { metrics, log } = services;
      const metricsServer = port === null ? null : await startMetricsServer({ host, port, metrics, log });
      const start = async () => {
        await whenDatabaseAnswers(() => assertMigrated(services.database), { log, signal: wish.signal });
        return await startWorker({
          config,
          database: services.database,
          storage: services.storage,
          destinations: services.destinations,
          findMediaPrograms: () => findMediaPrograms(log),
          log,
          metrics,
          tracing,
          build: await findBuild(),
          signal: wish.signal,
          // Traces need a bundle with their interceptors, which the worker makes itself.
          workflowBundlePath: tracing ? undefined : await findWorkflowBundle(readProgramPlaces().cacheDir),
        });
      };
      const worker = await unlessStopped(wish, start());
      if (worker === null) process.exit(0);
      await runUntilStopped(wish, {
        broken: worker.finished,
        stop: async () => {
          await worker.stop();
          await metricsServer?.close();
          await services.close();
          await tracing?.close();
        },
        // Less than what docker-compose.yml and `longhaul up` wait before they kill.
        stopWithinMs: 25_000,
        kill: () => undefined,
      });
      process.exit(0);
    });
}
