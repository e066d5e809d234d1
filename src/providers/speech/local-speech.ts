import { ProviderError } from '../../domain/errors.ts';
import type { MediaTools } from '../ffmpeg/media-tools.ts';
import { chooseLanguage } from './detect-language.ts';
import { createEspeakSpeech } from './espeak-ng.ts';
import { createFliteSpeech } from './flite/flite.ts';
import type { Speech } from './speech.ts';

/** Speaks on this machine: English by Flite, everything else by espeak-ng. `espeakNg` is its path, null where it is not installed. */
export function createLocalSpeech(tools: MediaTools, espeakNg: string | null): Speech {
  const flite = createFliteSpeech(tools);
  const espeak = espeakNg === null ? null : createEspeakSpeech(espeakNg, tools);
  return {
    name: 'local',
    async synthesize(request) {
      const language = chooseLanguage(request.text, request.language);
      if (/^en(-|$)/i.test(language)) return await flite.synthesize(request);
      if (espeak !== null) return await espeak.synthesize({ ...request, language });
      throw new ProviderError(
        `The text is in the language "${language}", which espeak-ng speaks, and that is not installed: run "longhaul doctor --fix" on the worker's machine, or let a service speak (LONGHAUL_SPEECH=openai or google).`,
        { provider: 'espeak-ng' },
      );
    },
  };
}
