import { Client } from 'pg';

/** Databases that live for one measurement, so that nobody works in the remains of another. */
export interface Scratch {
  use<T>(work: (databaseUrl: string) => Promise<T>): Promise<T>;
}

/** On the server of `serverUrl`. */
export function createScratch(serverUrl: string): Scratch {
  const databaseUrl = Object.assign(new URL(serverUrl), { pathname: '/bench_scratch' }).href;
  const administer = async (...statements: string[]) => {
    const client = new Client({ connectionString: serverUrl });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };
  return {
    use: async (work) => {
      // The checkpoint writes what an earlier measurement has left to be written.
      await administer(
        'drop database if exists bench_scratch with (force)',
        'create database bench_scratch',
        'checkpoint',
      );
      try {
        return await work(databaseUrl);
      } finally {
        await administer('drop database if exists bench_scratch with (force)');
      }
    },
  };
}
