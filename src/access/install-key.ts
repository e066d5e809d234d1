import type { Database } from '../database/database.ts';
import type { ApiKey } from '../database/entities/api-key.ts';
import type { Project } from '../database/entities/project.ts';
import { ConflictError } from '../domain/errors.ts';
import { registerKey } from './create-api-key.ts';
import { findOrCreateProject } from './create-project.ts';

/**
 * Makes sure that this project and this key are there, however often it is called: a server that keeps its own key in a
 * file does so at every start. @throws InvalidInputError for what is no key, ConflictError when it is revoked or another project's
 */
export async function installKey(
  database: Database,
  { projectName, key }: { projectName: string; key: string },
): Promise<{ project: Project; apiKey: ApiKey }> {
  const { project } = await findOrCreateProject(database, projectName);
  const apiKey = await registerKey(database, { projectId: project.id, name: projectName, key });
  if (apiKey.projectId !== project.id) throw new ConflictError('This API key belongs to another project.');
  if (apiKey.revokedAt !== null) throw new ConflictError(`API key lh_${apiKey.prefix} was revoked. Make a new one.`);
  return { project, apiKey };
}
