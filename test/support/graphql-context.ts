import { defaultLimits } from '../../src/domain/limits.ts';
import { graphql, type ExecutionResult } from 'graphql';
import { createAccess } from '../../src/access/access.ts';
import { createJobReads } from '../../src/jobs/reads/job-reads.ts';
import type { Viewer } from '../../src/jobs/commands.ts';
import type { Database } from '../../src/database/database.ts';
import type { Context, Services } from '../../schema/context.ts';
import { schema } from '../../schema/schema.ts';
import { testSecret } from './secret.ts';

/** The schema over real reads; what a test does not give must not be called. */
export function createContext(database: Database, viewer: Viewer, services: Partial<Services> = {}): Context {
  const access = createAccess({ database, config: { secret: testSecret } });
  return {
    viewer,
    requestId: 'test',
    services: { reads: createJobReads(database, defaultLimits), access, ...unavailable, ...services },
  };
}

/** Runs an operation without a server. Fails on errors, so that a test sees what went wrong. */
export async function query(
  context: Context,
  source: string,
  variables: Record<string, unknown> = {},
): Promise<unknown> {
  const { data, errors } = await execute(context, source, variables);
  if (errors) throw errors[0]?.originalError ?? errors[0] ?? new Error('no error');
  // Objects of GraphQL have no prototype: compared with literals they differ.
  return JSON.parse(JSON.stringify(data));
}

export async function execute(
  context: Context,
  source: string,
  variables: Record<string, unknown> = {},
): Promise<ExecutionResult> {
  return await graphql({ schema, source, contextValue: context, variableValues: variables });
}

const notCalled = (): never => {
  throw new Error('This test did not expect the call.');
};

const unavailable: Omit<Services, 'reads' | 'access'> = {
  quotas: { spend: notCalled, list: async () => [] },
  jobs: {
    submitJob: notCalled,
    estimateJob: notCalled,
    pauseJob: notCalled,
    approveJob: notCalled,
    updateJobLimits: notCalled,
    resumeJob: notCalled,
    cancelJob: notCalled,
    retryJob: notCalled,
    deleteJob: notCalled,
    deleteJobs: notCalled,
  },
  outside: {
    startStage: notCalled,
    updateStageProgress: notCalled,
    completeStage: notCalled,
    failStage: notCalled,
    claimChunk: notCalled,
    heartbeatChunk: notCalled,
    completeChunk: notCalled,
    failChunk: notCalled,
  },
  retention: { findRetention: notCalled, updateRetention: notCalled },
  googleAccounts: {
    connectGoogleAccount: notCalled,
    disconnectGoogleAccount: notCalled,
    readGoogleSheetsAccess: notCalled,
    findAuthorizationUrl: notCalled,
  },
  templates: {
    createTemplate: notCalled,
    updateTemplate: notCalled,
    deleteTemplate: notCalled,
    findTemplate: async () => null,
    listTemplates: notCalled,
    listVersions: notCalled,
    listCurrentVersions: notCalled,
    countJobs: notCalled,
    previewTemplate: notCalled,
    linkToPreview: notCalled,
  },
  previewSource: notCalled,
  feed: { events: notCalled, progress: notCalled, changes: notCalled, exportProgress: notCalled },
  uploads: {
    createUpload: notCalled,
    uploadUrl: notCalled,
    findUpload: async () => null,
    findInnerFormat: async () => null,
    listUploads: notCalled,
  },
  itemFiles: { listFiles: notCalled, link: notCalled },
  destinations: {
    connectDestination: notCalled,
    disconnectDestination: notCalled,
    findDestination: notCalled,
    listDestinations: notCalled,
  },
  exports: {
    createExport: notCalled,
    createExports: notCalled,
    deleteExport: notCalled,
    findExport: async () => null,
    listExports: async () => [],
    listProjectExports: notCalled,
    downloadUrl: () => null,
  },
};
