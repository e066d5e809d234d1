import type { SpokenSound } from './speech.ts';
import { writeSilence } from './wav.ts';

const silenceMs = 800;

/** A sentence of pictures is shown, not said. */
export async function speakNothing(outPath: string): Promise<SpokenSound> {
  await writeSilence(outPath, silenceMs);
  return { durationMs: silenceMs };
}
