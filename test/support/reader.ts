import type { Context } from '../../schema/context.ts';
import type { Database } from '../../src/database/database.ts';
import { createTestDatabase } from './database.ts';
import { createContext } from './graphql-context.ts';
import { createTestProject, type TestViewer } from './project.ts';

/** Somebody who reads through the schema from a real database, without a server or an engine. */
export interface TestReader {
  database: Database;
  viewer: TestViewer;
  /** Of the viewer, for `query` and `execute`. */
  context: Context;
  /** Of somebody in another project. */
  stranger: Context;
  close(): Promise<void>;
}

export async function createTestReader(): Promise<TestReader> {
  const { database, close } = await createTestDatabase();
  const viewer = await createTestProject(database);
  return {
    database,
    viewer,
    context: createContext(database, viewer),
    stranger: createContext(database, await createTestProject(database)),
    close,
  };
}
