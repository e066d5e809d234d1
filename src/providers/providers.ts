import type { MediaTools } from './ffmpeg/media-tools.ts';
import { createSlots, type Slots } from './process/slots.ts';
import { createLocalSpeech } from './speech/local-speech.ts';
import type { SpeechSettings } from './speech/speech-settings.ts';
import type { Speech } from './speech/speech.ts';

/** What job types use of the world outside. Each is made when it is first asked for: a worker that needs none of it looks for nothing. */
export interface Providers {
  media(): Promise<MediaTools>;
  speech(): Promise<Speech>;
  /** Room for encodings, of all task queues together, on this machine. */
  encodings: Slots;
}

export interface ProvidersDeps {
  speech: SpeechSettings;
  /** Most at a time. */
  encodings: number;
  /** Finds the programs on this machine, or fetches them. */
  findMediaPrograms(): Promise<MediaTools & { espeakNg: string | null }>;
}

export function createProviders({ speech, encodings, findMediaPrograms }: ProvidersDeps): Providers {
  const programs = once(findMediaPrograms);
  return {
    media: programs,
    encodings: createSlots(encodings),
    speech: once(async () => {
      const { espeakNg, ...tools } = await programs();
      return await createSpeech(speech, tools, espeakNg);
    }),
  };
}

/** The clients of services are large: only a worker that uses one loads it. */
async function createSpeech(settings: SpeechSettings, tools: MediaTools, espeakNg: string | null): Promise<Speech> {
  switch (settings.kind) {
    case 'local':
      return createLocalSpeech(tools, espeakNg);
    case 'openai':
      return (await import('./speech/cloud/openai-speech.ts')).createOpenAiSpeech(settings, tools);
    case 'google':
      return (await import('./speech/cloud/google-speech.ts')).createGoogleSpeech(settings, tools);
  }
}

/** What failed is tried again by the next caller: a program may be there by then. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((thrown: unknown) => {
      made = null;
      throw thrown;
    });
    return made;
  };
}
