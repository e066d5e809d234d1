import { randomBytes } from 'node:crypto';
import { createApiKey } from '../../src/access/create-api-key.ts';
import { createProject } from '../../src/access/create-project.ts';
import type { Database } from '../../src/database/database.ts';
import { scopes } from '../../src/domain/scope.ts';
import type { Viewer } from '../../src/jobs/commands.ts';

export interface TestViewer extends Viewer {
  /** As a client sends it. */
  apiKey: string;
}

/** A project of its own, and somebody with a key to it. */
export async function createTestProject(database: Database): Promise<TestViewer> {
  const project = await createProject(database, { name: `project-${randomBytes(4).toString('hex')}` });
  const { key, apiKey } = await createApiKey(database, { projectId: project.id, name: 'test' });
  return {
    projectId: project.id,
    projectName: project.name,
    caller: { kind: 'API_KEY', id: apiKey.id, name: apiKey.name },
    scopes,
    jobId: null,
    expiresAt: null,
    apiKey: key,
  };
}
