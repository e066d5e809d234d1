import { randomBytes } from 'node:crypto';
import type { Database } from '../../src/database/database.ts';
import { ProjectEntity } from '../../src/database/entities/project.ts';
import { newId } from '../../src/database/new-id.ts';
import type { Viewer } from '../../src/jobs/commands.ts';

/** A project of its own, and the one who acts in it. */
export async function createTestProject(database: Database): Promise<Viewer> {
  const projectId = newId();
  const projectName = `project-${randomBytes(4).toString('hex')}`;
  await database.em().insert(ProjectEntity, { id: projectId, name: projectName });
  return { projectId, projectName, apiKeyId: newId(), apiKeyName: 'test' };
}
