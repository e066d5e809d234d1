import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { ProgramPlaces } from '../config/program-places.ts';
import { toError } from '../domain/errors.ts';
import type { Log } from './managed-process.ts';
import { SetupError } from './setup-error.ts';

/** A program that Longhaul runs, and where it comes from. */
export interface Program {
  title: string;
  /** Name of the file. */
  name: string;
  variable: string;
  /** The path that the variable names. */
  named(places: ProgramPlaces): string | undefined;
  /** Of what is fetched. */
  version: string;
  /** Whether one that lies on PATH will do. */
  accepts(path: string): Promise<boolean>;
  /** How it is brought to `target`, the first way that works. */
  ways: readonly { title: string; fetch(target: string): Promise<void> }[];
  /** What to do where no way works. */
  advice: string;
}

export interface FoundProgram {
  path: string;
  /** Where it was found, in words. */
  from: string;
}

/** Path of a program; fetches it into the cache when it is nowhere. @throws SetupError that names every way that failed. */
export async function findOrFetch(program: Program, log: Log, places: ProgramPlaces): Promise<string> {
  const found = await locateProgram(program, places);
  if (found !== null) return found.path;
  const target = cachedPath(program, places);
  const reasons: string[] = [];
  log.info(`Fetching ${program.title} ${program.version} (once) …`);
  for (const way of program.ways) {
    try {
      await way.fetch(target);
      return target;
    } catch (error) {
      reasons.push(`  ${way.title}: ${toError(error).message.trim().split('\n').at(-1)}`);
    }
  }
  throw new SetupError(
    `${program.title} is not here and cannot be fetched:\n${reasons.join('\n')}\n${program.advice}, or set ${program.variable} to the path of a ${program.name} program.`,
  );
}

/** A program that is here already: named by its variable, on PATH, or in the cache. @throws SetupError when the variable names nothing */
export async function locateProgram(program: Program, places: ProgramPlaces): Promise<FoundProgram | null> {
  const named = program.named(places);
  if (named) {
    if (!isExecutable(named)) throw new SetupError(`${program.variable} is ${named}, and no program lies there.`);
    return { path: named, from: program.variable };
  }
  for (const folder of places.searchPath) {
    const path = join(folder, fileName(program));
    if (isExecutable(path) && (await program.accepts(path))) return { path, from: 'PATH' };
  }
  const cached = cachedPath(program, places);
  return isExecutable(cached) ? { path: cached, from: 'cache' } : null;
}

const fileName = (program: Program) => (process.platform === 'win32' ? `${program.name}.exe` : program.name);
const cachedPath = (program: Program, places: ProgramPlaces) =>
  join(places.cacheDir, `${program.name}-${program.version}`, fileName(program));

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run: both mean "look elsewhere".
    return false;
  }
}
