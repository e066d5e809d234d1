import type { Database } from '../database/database.ts';
import { ProjectEntity, type Project } from '../database/entities/project.ts';
import { newId } from '../database/new-id.ts';
import { ConflictError } from '../domain/errors.ts';

/** @throws ConflictError when a project has this name already */
export async function createProject(database: Database, { name }: { name: string }): Promise<Project> {
  const { project, created } = await findOrCreateProject(database, name);
  if (!created) throw new ConflictError(`There is a project "${name}" already.`);
  return project;
}

/** Safe to call from several processes at once: one of them creates it. */
export async function findOrCreateProject(
  database: Database,
  name: string,
): Promise<{ project: Project; created: boolean }> {
  const { rowCount } = await database.pool.query(
    'insert into projects (id, name) values ($1, $2) on conflict (name) do nothing',
    [newId(), name],
  );
  const project = await database.em().findOneOrFail(ProjectEntity, { name });
  return { project, created: rowCount === 1 };
}
