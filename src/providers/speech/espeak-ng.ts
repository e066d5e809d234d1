import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ProviderError, toError } from '../../domain/errors.ts';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import { runProgram, type ProgramOutput } from '../process/run-program.ts';
import { chooseLanguage } from './detect-language.ts';
import { shapeSpeech } from './shape-speech.ts';
import { speakNothing } from './speak-nothing.ts';
import type { Speech, VoiceKind } from './speech.ts';
import { toSpeakable } from './to-speakable.ts';

/** What makes a man's or a woman's voice of the one that a language has. */
const variants: Record<VoiceKind, string> = { FEMALE: '+f3', MALE: '+m3', NEUTRAL: '' };
const names: Readonly<Record<string, string>> = { zh: 'cmn', en: 'en-us', no: 'nb', iw: 'he' };
/** Tags with a voice of their own beside that of their language. */
const regional = ['en-gb', 'es-419', 'fr-be', 'fr-ch', 'pt-br'];
const usualWordsPerMinute = 165;

/** A hundred languages, on this machine; it sounds like a machine too. `program` is the path of espeak-ng. */
export function createEspeakSpeech(program: string, tools: MediaTools): Speech {
  return {
    name: 'espeak-ng',
    async synthesize({ text, voice, speed, pitch, language: wanted, outPath, signal }) {
      const speakable = toSpeakable(text);
      if (speakable === '') return await speakNothing(outPath);
      const language = chooseLanguage(text, wanted);
      const folder = await mkdtemp(join(dirname(outPath), 'espeak-'));
      const raw = join(folder, 'speech.wav');
      try {
        const name = `${toEspeakName(language)}${variants[voice]}`;
        // -x tells how it says the text.
        const args = ['-v', name, '-s', `${usualWordsPerMinute}`, '-b', '1', '-w', raw, '-x', '--stdin'];
        const call = { name: 'espeak-ng', command: program, args, signal };
        const { stdout } = await runProgram(call, speakable).catch((error: unknown) => {
          throw toVoiceError(error, language);
        });
        const sound = await shapeSpeech(tools, raw, outPath, { speed, pitch }, signal);
        return isSpelled({ stdout }, speakable) ? { ...sound, warning: spelledWarning(language) } : sound;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function toEspeakName(language: string): string {
  const tag = language.toLowerCase();
  const [primary = tag] = tag.split('-');
  return regional.includes(tag) ? tag : (names[primary] ?? primary);
}

function toVoiceError(error: unknown, language: string): Error {
  if (!/voice does not exist/.test(toError(error).message)) return toError(error);
  return new ProviderError(
    `Nothing on this machine speaks the language "${language}": correct the option "language", or let a service speak (LONGHAUL_SPEECH=openai or google).`,
    { provider: 'espeak-ng', cause: error },
  );
}

/** It names letters that it cannot read in English: Kanji in Japanese, and in some versions all of Chinese. */
function isSpelled({ stdout }: Pick<ProgramOutput, 'stdout'>, text: string): boolean {
  return stdout.includes('(en)') && !/\p{Script=Latin}/u.test(text);
}

function spelledWarning(language: string): string {
  return `espeak-ng cannot read some of the text in "${language}", and spells it in English: a service reads it (LONGHAUL_SPEECH=openai or google).`;
}
