import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { environment, type Environment } from './environment.ts';
import { readSettings } from './settings.ts';

/** Where programs that Longhaul runs are looked for. */
export interface ProgramPlaces {
  /** Absolute. Programs are fetched into it once, for every checkout of this user. */
  cacheDir: string;
  temporalCli: string | undefined;
  temporalTestServer: string | undefined;
  ffmpeg: string | undefined;
  ffprobe: string | undefined;
  espeakNg: string | undefined;
  /** The folders of PATH. */
  searchPath: string[];
}

/** @throws InvalidInputError when a variable is wrong. */
export function readProgramPlaces(given: Environment = environment): ProgramPlaces {
  const values = readSettings(given);
  const caches = given['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return {
    cacheDir: resolve(values.LONGHAUL_CACHE_DIR ?? join(caches, 'longhaul')),
    temporalCli: values.TEMPORAL_CLI,
    temporalTestServer: values.TEMPORAL_TEST_SERVER,
    ffmpeg: values.FFMPEG,
    ffprobe: values.FFPROBE,
    espeakNg: values.ESPEAK_NG,
    searchPath: (given['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
  };
}
