import { join } from 'node:path';
import type { ProgramPlaces } from '../../src/config/program-places.ts';

/** No program is named; they are looked for in folders below `root` only, which a test fills. */
export function placesBelow(root: string): ProgramPlaces {
  return {
    cacheDir: join(root, 'cache'),
    temporalCli: undefined,
    temporalTestServer: undefined,
    ffmpeg: undefined,
    ffprobe: undefined,
    espeakNg: undefined,
    searchPath: [join(root, 'bin')],
  };
}
