// npm run histories [-- <name> …]
// Records the histories that test/workflows replays: those that are lacking, or those that are named. The others stay as an
// earlier version of the code made them, which is what they are for.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import protos from '@temporalio/proto';
import { NativeConnection, Worker } from '@temporalio/worker';
import pino from 'pino';
import { readProgramPlaces } from '../src/config/program-places.ts';
import { taskQueueOf } from '../src/domain/worker-kind.ts';
import { logTemporal } from '../src/temporal/runtime-log.ts';
import { findWorkflowBundle } from '../src/temporal/workflow-bundle.ts';
import { startTestTemporal } from '../test/support/servers.ts';
import { recordedRuns, type RecordedRun } from '../test/workflows/recorded-runs.ts';

const named = process.argv.slice(2);
const unknown = named.filter((name) => !Object.hasOwn(recordedRuns, name));
if (unknown.length > 0) {
  console.error(`There is no run "${unknown.join('", "')}". There are: ${Object.keys(recordedRuns).join(', ')}.`);
  process.exit(1);
}
const fileOf = (name: string) => new URL(`../test/workflows/histories/${name}.history`, import.meta.url);
const wanted = Object.entries(recordedRuns).filter(([name]) =>
  named.length > 0 ? named.includes(name) : !existsSync(fileOf(name)),
);

logTemporal(pino({ level: 'silent' }));
/** Not who recorded them, and where. */
const identity = 'recorder';
const codePath = await findWorkflowBundle(readProgramPlaces().cacheDir);
const temporal = await startTestTemporal({ info: console.log, warn: console.warn });
const connection = await NativeConnection.connect({ address: temporal.address });
const clientConnection = await Connection.connect({ address: temporal.address });
const client = new Client({ connection: clientConnection, identity });
try {
  for (const [name, run] of wanted) {
    await writeFile(fileOf(name), await record(run));
    console.log(`Recorded ${name}.`);
  }
} finally {
  await clientConnection.close();
  await connection.close();
  await temporal.stop();
}

/** The first run under the workflow's id: with it its end, or what it continued as. */
async function record(run: RecordedRun): Promise<Uint8Array> {
  const jobId = randomUUID();
  const recording = { workflow: client.workflow, taskQueue: `histories-${jobId}` };
  const options = {
    connection,
    identity,
    activities: run.activities(recording, jobId),
    maxHeartbeatThrottleInterval: '10 ms',
    defaultHeartbeatThrottleInterval: '10 ms',
  } as const;
  const { taskQueue } = recording;
  const worker = await Worker.create({ ...options, taskQueue, workflowBundle: { codePath } });
  const encoder = await Worker.create({ ...options, taskQueue: taskQueueOf(taskQueue, 'ENCODE') });
  const encoding = encoder.run();
  const history = await worker.runUntil(async () => {
    const handle = await run.start(recording, jobId);
    await handle.result();
    return await client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId).fetchHistory();
  });
  encoder.shutdown();
  await encoding;
  return protos.temporal.api.history.v1.History.encode(history).finish();
}
