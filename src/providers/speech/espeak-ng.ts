import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import { runProgram } from '../process/run-program.ts';
import { detectLanguage } from './detect-language.ts';
import { shapeSpeech } from './shape-speech.ts';
import { speakNothing } from './speak-nothing.ts';
import type { Speech, VoiceKind } from './speech.ts';
import { toSpeakable } from './to-speakable.ts';

/** What makes a man's or a woman's voice of the one that a language has. */
const variants: Record<VoiceKind, string> = { FEMALE: '+f3', MALE: '+m3', NEUTRAL: '' };
const names: Readonly<Record<string, string>> = { zh: 'cmn', en: 'en-us', no: 'nb', iw: 'he' };
const usualWordsPerMinute = 165;

/** A hundred languages, on this machine; it sounds like a machine too. `program` is the path of espeak-ng. */
export function createEspeakSpeech(program: string, tools: MediaTools): Speech {
  return {
    name: 'espeak-ng',
    async synthesize({ text, voice, speed, pitch, language, outPath, signal }) {
      const speakable = toSpeakable(text);
      if (speakable === '') return await speakNothing(outPath);
      const folder = await mkdtemp(join(dirname(outPath), 'espeak-'));
      const raw = join(folder, 'speech.wav');
      try {
        const name = `${toEspeakName(language ?? detectLanguage(text))}${variants[voice]}`;
        const args = ['-v', name, '-s', `${usualWordsPerMinute}`, '-b', '1', '-w', raw, '--stdin'];
        await runProgram({ name: 'espeak-ng', command: program, args, signal }, speakable);
        return await shapeSpeech(tools, raw, outPath, { speed, pitch }, signal);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

function toEspeakName(language: string): string {
  const tag = language.toLowerCase();
  const [primary = tag] = tag.split('-');
  return names[tag] ?? names[primary] ?? (primary === 'en' || primary === 'pt' ? tag : primary);
}
