import type { Log } from '../../src/embedded/managed-process.ts';
import { findEspeakNg, findMediaPrograms, type MediaPrograms } from '../../src/embedded/media-programs.ts';

const log: Log = { info: () => undefined, warn: () => undefined };

/** ffmpeg, ffprobe and espeak-ng of this machine, else fetched once into Longhaul's cache. */
export async function findTestMedia(): Promise<MediaPrograms & { espeakNg: string }> {
  return { ...(await findMediaPrograms(log)), espeakNg: await findEspeakNg(log) };
}
