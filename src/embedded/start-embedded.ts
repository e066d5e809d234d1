import { lockDataDir } from './data-dir-lock.ts';
import { openDataDir } from './data-dir.ts';
import type { Log } from './managed-process.ts';
import { pickPort, preferredPorts } from './ports.ts';
import { openPostgres } from './postgres.ts';
import { openTemporalServer } from './temporal-server.ts';

export interface Embedded {
  /** Absolute, without links. */
  dataDir: string;
  databaseUrl: string;
  /** host:port */
  temporalAddress: string;
  temporalUiUrl: string;
  pids(): { postgres: number | undefined; temporal: number | undefined };
  /** Stops both and gives the data folder free. */
  stop(): Promise<void>;
  /** Ends both without waiting. */
  kill(): void;
}

export interface EmbeddedOptions {
  dataDir: string;
  log: Log;
  /** Taken when they are free, else others. */
  ports?: Partial<typeof preferredPorts>;
  /** Runs when the data folder is ours and before anything is started in it; throws to prevent that. */
  beforeStart?(dataDir: string): Promise<void>;
}

/**
 * Postgres and Temporal on this machine, on loopback only, with their data in `dataDir`. What a killed run left running is
 * ended first; what ends unexpectedly is started again on the same port. @throws SetupError
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { log, ports = {} } = options;
  const dataDir = await openDataDir(options.dataDir);
  const lock = await lockDataDir(dataDir);
  try {
    await options.beforeStart?.(dataDir);
    const [postgres, temporal] = await Promise.all([
      openPostgres({ dataDir, log }),
      openTemporalServer({ dataDir, log }),
    ]);
    // Before ports are picked: leftovers hold the preferred ones.
    await Promise.all([postgres.endLeftovers(), temporal.endLeftovers()]);
    const wished = { ...preferredPorts, ...ports };
    const taken = {
      postgres: await pickPort(wished.postgres),
      temporal: await pickPort(wished.temporal),
      temporalUi: await pickPort(wished.temporalUi),
    };
    const servers = await startBoth(
      () => postgres.start(taken.postgres),
      () => temporal.start(taken),
    );
    return {
      dataDir,
      databaseUrl: postgres.url(taken.postgres),
      temporalAddress: `127.0.0.1:${taken.temporal}`,
      temporalUiUrl: `http://localhost:${taken.temporalUi}`,
      pids: () => ({ postgres: servers.postgres.pid(), temporal: servers.temporal.pid() }),
      stop: async () => {
        await servers.temporal.stop();
        await servers.postgres.stop();
        lock.release();
      },
      kill: () => {
        servers.temporal.kill();
        servers.postgres.kill();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Side by side; when one fails, the other is not left running. */
async function startBoth<Server extends { stop(): Promise<void> }>(
  startPostgres: () => Promise<Server>,
  startTemporal: () => Promise<Server>,
) {
  const [postgres, temporal] = await Promise.allSettled([startPostgres(), startTemporal()]);
  if (postgres.status === 'fulfilled' && temporal.status === 'fulfilled')
    return { postgres: postgres.value, temporal: temporal.value };
  for (const outcome of [postgres, temporal]) if (outcome.status === 'fulfilled') await outcome.value.stop();
  throw postgres.status === 'rejected'
    ? postgres.reason
    : temporal.status === 'rejected'
      ? temporal.reason
      : new Error('Neither server failed.');
}
