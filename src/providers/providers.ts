import type { MediaTools } from './ffmpeg/media-tools.ts';
import { createLocalSpeech } from './speech/local-speech.ts';
import type { Speech } from './speech/speech.ts';

/** What job types use of the world outside. Each is made when it is first asked for: a worker that needs none of it looks for nothing. */
export interface Providers {
  media(): Promise<MediaTools>;
  speech(): Promise<Speech>;
}

export interface ProvidersDeps {
  /** Finds the programs on this machine, or fetches them. */
  findMediaPrograms(): Promise<MediaTools & { espeakNg: string | null }>;
}

export function createProviders({ findMediaPrograms }: ProvidersDeps): Providers {
  const programs = once(findMediaPrograms);
  return {
    media: programs,
    speech: once(async () => {
      const { espeakNg, ...tools } = await programs();
      return createLocalSpeech(tools, espeakNg);
    }),
  };
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
