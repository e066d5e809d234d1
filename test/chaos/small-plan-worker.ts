import { findMediaPrograms } from '../../src/embedded/media-programs.ts';
import { listenForStop, runUntilStopped } from '../../src/cli/run-until-stopped.ts';
import { readConfig } from '../../src/config.ts';
import { readProgramPlaces } from '../../src/config/program-places.ts';
import { createServices } from '../../src/services.ts';
import { startWorker } from '../../src/temporal/start-worker.ts';
import { findWorkflowBundle } from '../../src/temporal/workflow-bundle.ts';

// `longhaul worker`, but jobs are large to it that are small to others: they run in lanes, which continue as new.
const wish = listenForStop();
const config = readConfig();
const services = await createServices(config, { findMediaTools: findMediaPrograms });
const worker = await startWorker({
  config,
  ...services,
  findMediaPrograms: () => findMediaPrograms(services.log),
  workflowBundlePath: await findWorkflowBundle(readProgramPlaces().cacheDir),
  plan: { directChunks: 60, batchChunks: 12 },
});
await runUntilStopped(wish, {
  broken: worker.finished,
  stop: async () => {
    await worker.stop();
    await services.close();
  },
  kill: () => undefined,
});
process.exit(0);
