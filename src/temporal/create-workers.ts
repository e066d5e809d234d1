import { fileURLToPath } from 'node:url';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type { Config } from '../config.ts';
import type { Activities } from '../domain/activities.ts';
import { stepsQueueOf, taskQueueOf, workerKinds, type WorkerQueues } from '../domain/worker-kind.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { deploymentOptions } from './keep-build.ts';

interface CreateWorkersInput {
  connection: NativeConnection;
  config: Pick<Config, 'temporal' | 'workerQueues'>;
  activities: Activities;
  tracing: Tracing | null;
  workflowBundlePath: string | undefined;
  build: string | undefined;
}

const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));

const options: Partial<WorkerOptions> = {
  // Cancellation and liveness travel with heartbeats: the default would hold them back for 8 of 10 seconds.
  maxHeartbeatThrottleInterval: '1 s',
  defaultHeartbeatThrottleInterval: '1 s',
  // After a kill the sticky queue of the dead worker holds its workflows up for this long.
  stickyQueueScheduleToStartTimeout: '2 s',
  // A workflow holds nothing that the database does not: rather than stand still over a history that the code does not fit
  // any more it ends, and the reconciler starts it anew.
  workflowFailureErrorTypes: { '*': ['NondeterminismError'] },
  shutdownGraceTime: '5 s',
  shutdownForceTime: '15 s',
};

/** One worker for each task queue that this process serves; only the usual queue has workflows. */
export async function createWorkers(input: CreateWorkersInput): Promise<Worker[]> {
  const { connection, config, activities, tracing, workflowBundlePath, build } = input;
  const { namespace, taskQueue } = config.temporal;
  const workflows = workflowBundlePath ? { workflowBundle: { codePath: workflowBundlePath } } : { workflowsPath };
  const shared = {
    ...options,
    connection,
    namespace,
    activities,
    plugins: tracing ? [tracing.temporalPlugin] : [],
    workerDeploymentOptions: build === undefined ? undefined : deploymentOptions({ taskQueue, build }),
  };
  return await Promise.all(
    listQueues(taskQueue, config.workerQueues).map(({ name, hasWorkflows, slots }) =>
      Worker.create({
        ...shared,
        ...(hasWorkflows && workflows),
        taskQueue: name,
        maxConcurrentActivityTaskExecutions: slots,
      }),
    ),
  );
}

interface Queue {
  name: string;
  hasWorkflows: boolean;
  /** Activities at a time. */
  slots: number;
}

/** Steps have as many slots as the usual chunks, for reading sources may take hours, and the other steps go past it. */
function listQueues(taskQueue: string, queues: WorkerQueues): Queue[] {
  return workerKinds.flatMap((kind) => {
    const slots = queues[kind];
    if (slots === undefined) return [];
    const isDefault = kind === 'DEFAULT';
    const chunks = { name: taskQueueOf(taskQueue, kind), hasWorkflows: isDefault, slots };
    return isDefault ? [chunks, { name: stepsQueueOf(taskQueue), hasWorkflows: false, slots }] : [chunks];
  });
}
