import { InvalidInputError } from '../domain/errors.ts';
import type { SpeechSettings } from '../providers/speech/speech-settings.ts';
import { readGoogleConfig } from './google-config.ts';
import type { Settings } from './settings.ts';

/** Who speaks in videos. @throws InvalidInputError when the service that is named lacks its key. */
export function readSpeechConfig(values: Settings): SpeechSettings {
  const {
    LONGHAUL_SPEECH: kind,
    LONGHAUL_SPEECH_MODEL: model,
    OPENAI_API_KEY: apiKey,
    OPENAI_BASE_URL: baseUrl,
  } = values;
  switch (kind) {
    case 'local':
      return { kind };
    case 'openai':
      if (apiKey === undefined) throw new InvalidInputError('LONGHAUL_SPEECH=openai needs OPENAI_API_KEY.');
      return { kind, apiKey, model, ...(baseUrl === undefined ? {} : { baseUrl }) };
    case 'google': {
      const { serviceAccount } = readGoogleConfig(values);
      const credentials = serviceAccount && {
        client_email: serviceAccount.email,
        private_key: serviceAccount.privateKey,
      };
      return { kind, ...(credentials && { credentials }) };
    }
  }
}
