import { isGrpcServiceError, type Client } from '@temporalio/client';
import type { WorkerDeploymentOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Database } from '../database/database.ts';
import { beatBuild, type BuildId } from '../database/sql/beat-build.ts';
import { leaveBuild } from '../database/sql/leave-build.ts';
import { toError } from '../domain/errors.ts';

export interface KeptBuild {
  stop(): Promise<void>;
}

interface KeepBuildDeps extends BuildId {
  client: Client;
  database: Database;
  log: Logger;
}

const intervalMs = 5_000;
const deadlineMs = 10_000;

/** gRPC's NOT_FOUND: the workflow has ended meanwhile, or Temporal has seen no worker of this task queue yet. */
const notFound = 5;
/** temporal.api.enums.v1.WorkerDeploymentVersionStatus: no longer for new workflows, and still with some that run. */
const draining = 4;
/** temporal.api.workflow.v1.VersioningOverride.PinnedOverrideBehavior */
const pinned = 1;

/** Workflows stay with the build that they began on; each task queue is a deployment of its own. */
export function deploymentOptions(id: BuildId): WorkerDeploymentOptions {
  return { version: versionOf(id), useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' };
}

/** Temporal puts dots and colons between the names of deployments and builds, and refuses them within. */
function versionOf({ taskQueue, build }: BuildId): { deploymentName: string; buildId: string } {
  return {
    deploymentName: taskQueue.replaceAll(/[^A-Za-z0-9-]/g, (sign) => `_${sign.codePointAt(0)}_`),
    buildId: build,
  };
}

/**
 * Tells others that a worker of this build lives. Workers of the newest build that has any also make it the one on which
 * workflows begin, and go on with those of builds that have no worker left. Any number of workers may do it.
 */
export function keepBuild({ client, database, taskQueue, build, log }: KeepBuildDeps): KeptBuild {
  const namespace = client.options.namespace;
  const service = client.connection.workflowService;
  const version = versionOf({ taskQueue, build });
  const { deploymentName } = version;
  let running: Promise<void> | null = null;

  async function beat(): Promise<void> {
    try {
      const others = await beatBuild(database.pool, { taskQueue, build });
      const alive = others.filter(({ isGone }) => !isGone);
      if (alive.some(({ isNewer }) => isNewer)) return;
      await client.withDeadline(Date.now() + deadlineMs, () => lead(new Set(alive.map((other) => other.build))));
    } catch (thrown) {
      log.warn({ event: 'build_not_kept', build, err: toError(thrown) });
    }
  }

  async function lead(alive: ReadonlySet<string>): Promise<void> {
    const deployment = await describeDeployment();
    if (deployment?.routingConfig?.currentDeploymentVersion?.buildId !== build) {
      const request = { namespace, ...version, ignoreMissingTaskQueues: true, allowNoPollers: true };
      await service.setWorkerDeploymentCurrentVersion(request);
      log.info({ event: 'build_leads', build });
    }
    for (const { status, deploymentVersion } of deployment?.versionSummaries ?? []) {
      const other = deploymentVersion?.buildId;
      if (other && other !== build && status === draining && !alive.has(other)) await takeOver(other);
    }
  }

  async function describeDeployment() {
    try {
      const answer = await service.describeWorkerDeployment({ namespace, deploymentName });
      return answer.workerDeploymentInfo;
    } catch (thrown) {
      if (isGrpcServiceError(thrown) && thrown.code === notFound) return null;
      throw thrown;
    }
  }

  /** Moves what runs on a build without workers to this one, where it goes on from its history. */
  async function takeOver(from: string): Promise<void> {
    const query = `TemporalWorkerDeploymentVersion = '${deploymentName}:${from}' and ExecutionStatus = 'Running'`;
    let count = 0;
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      if (await move({ workflowId, runId })) count += 1;
    }
    if (count > 0) log.info({ event: 'work_taken_over', from, build, count });
  }

  async function move(workflowExecution: { workflowId: string; runId: string }): Promise<boolean> {
    const workflowExecutionOptions = { versioningOverride: { pinned: { behavior: pinned, version } } };
    const updateMask = { paths: ['versioning_override'] };
    try {
      await service.updateWorkflowExecutionOptions({
        namespace,
        workflowExecution,
        workflowExecutionOptions,
        updateMask,
      });
      return true;
    } catch (thrown) {
      if (isGrpcServiceError(thrown) && thrown.code === notFound) return false;
      throw thrown;
    }
  }

  const keep = (): void => {
    running ??= beat().finally(() => (running = null));
  };
  keep();
  const timer = setInterval(keep, intervalMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
      // Postgres may be the reason for the stop: then this build is found silent.
      await leaveBuild(database.pool, { taskQueue, build }).catch((thrown: unknown) => {
        log.warn({ event: 'build_not_left', build, err: toError(thrown) });
      });
    },
  };
}
