import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../../process/run-program.ts';
import type { MediaTools } from '../../ffmpeg/media-tools.ts';
import { shapeSpeech } from '../shape-speech.ts';
import { speakNothing } from '../speak-nothing.ts';
import type { Speech, VoiceKind } from '../speech.ts';
import { toSpeakable } from '../to-speakable.ts';

const voices: Record<VoiceKind, string> = { FEMALE: 'slt', MALE: 'rms', NEUTRAL: 'awb' };
/** It passes over them in silence. */
const otherLetters = /(?!\p{Script=Latin}|\p{Script=Common})\p{L}/u;
const leftOut =
  'Flite speaks English only, and left out words in other letters: a service reads them (LONGHAUL_SPEECH=openai or google).';
const program = fileURLToPath(new URL('flite-program.ts', import.meta.url));

/** English, on this machine, without a model or an account. */
export function createFliteSpeech(tools: MediaTools): Speech {
  return {
    name: 'flite',
    async synthesize({ text, voice, speed, pitch, outPath, signal }) {
      const speakable = toSpeakable(text);
      if (speakable === '') return await speakNothing(outPath);
      const folder = await mkdtemp(join(dirname(outPath), 'flite-'));
      try {
        const args = ['--disable-warning=ExperimentalWarning', program, voices[voice], folder];
        await runProgram({ name: 'flite', command: process.execPath, args, signal }, speakable);
        const sound = await shapeSpeech(tools, join(folder, 'speech.wav'), outPath, { speed, pitch }, signal);
        return otherLetters.test(speakable) ? { ...sound, warning: leftOut } : sound;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}
