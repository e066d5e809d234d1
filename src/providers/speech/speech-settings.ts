import type { GoogleSpeechSettings } from './cloud/google-speech.ts';
import type { OpenAiSpeechSettings } from './cloud/openai-speech.ts';

/** Who speaks. */
export type SpeechSettings =
  | { kind: 'local' }
  | ({ kind: 'openai' } & OpenAiSpeechSettings)
  | ({ kind: 'google' } & GoogleSpeechSettings);
