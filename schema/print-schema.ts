import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { printSchema } from 'graphql';
import { schema } from './schema.ts';

export const sdlPath = fileURLToPath(new URL('./schema.graphql', import.meta.url));

/** The schema as text, sorted, as it stands in schema.graphql. */
export function printSdl(): string {
  return `${printSchema(schema)}\n`;
}

if (import.meta.main) writeFileSync(sdlPath, printSdl());
