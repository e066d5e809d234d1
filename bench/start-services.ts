import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../src/config.ts';
import { findMediaPrograms } from '../src/embedded/media-programs.ts';
import { startEmbedded } from '../src/embedded/start-embedded.ts';
import { createServices } from '../src/services.ts';

/** Servers and services of a benchmark's own, in a folder that it removes itself. */
export async function startServices() {
  const dataDir = await mkdtemp(join(tmpdir(), 'longhaul-bench-'));
  const embedded = await startEmbedded({
    dataDir,
    log: { info: () => undefined, warn: console.warn },
    ports: { postgres: 0, temporal: 0, temporalUi: 0 },
  });
  const config = readConfig({
    LONGHAUL_DATABASE_URL: embedded.databaseUrl,
    LONGHAUL_TEMPORAL_ADDRESS: embedded.temporalAddress,
    LONGHAUL_DATA_DIR: dataDir,
    LONGHAUL_SECRET: 'a secret that is known to benchmarks only',
    LONGHAUL_LOG_LEVEL: 'error',
  });
  return { dataDir, embedded, config, services: await createServices(config, { findMediaTools: findMediaPrograms }) };
}
