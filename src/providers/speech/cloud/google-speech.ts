import { rm, writeFile } from 'node:fs/promises';
import { TextToSpeechClient } from '@google-cloud/text-to-speech';
import { z } from 'zod';
import { ProviderError, toError } from '../../../domain/errors.ts';
import type { MediaTools } from '../../ffmpeg/media-tools.ts';
import { chooseLanguage } from '../detect-language.ts';
import { shapeSpeech } from '../shape-speech.ts';
import { speakNothing } from '../speak-nothing.ts';
import type { Speech, VoiceKind } from '../speech.ts';
import { toSpeakable } from '../to-speakable.ts';
import { unsaidWaitMs } from './retry-after.ts';

export interface GoogleSpeechSettings {
  /** Of a project that allows them for this service; instead of `credentials`. */
  apiKey?: string;
  /** Content of a service account's key file; Google's usual places when both are left out. */
  credentials?: { client_email: string; private_key: string };
  /** Names of voices; Google chooses by language and gender where one is left out. */
  voices?: Partial<Record<VoiceKind, string>>;
  /** Where the service is, for tests and proxies: https://host:port. */
  endpoint?: string;
  timeoutMs?: number;
}

const genders = { FEMALE: 'FEMALE', MALE: 'MALE', NEUTRAL: 'NEUTRAL' } as const;
const locales: Readonly<Record<string, string>> = {
  en: 'en-US',
  zh: 'cmn-CN',
  ar: 'ar-XA',
  he: 'he-IL',
  ja: 'ja-JP',
  ko: 'ko-KR',
  ru: 'ru-RU',
  el: 'el-GR',
  hi: 'hi-IN',
  th: 'th-TH',
};
const usualTimeoutMs = 60_000;

export interface GoogleSpeech extends Speech {
  close(): Promise<void>;
}

/** Speech by Google Cloud. */
export function createGoogleSpeech(settings: GoogleSpeechSettings, tools: MediaTools): GoogleSpeech {
  const client = new TextToSpeechClient(toClientOptions(settings));
  return {
    name: 'google',
    async synthesize({ text, voice, speed, pitch, language, outPath, signal }) {
      const speakable = toSpeakable(text);
      if (speakable === '') return await speakNothing(outPath);
      const found = chooseLanguage(text, language);
      const name = settings.voices?.[voice];
      const request = {
        input: { text: speakable },
        voice: {
          languageCode: locales[found] ?? found,
          ssmlGender: genders[voice],
          ...(name === undefined ? {} : { name }),
        },
        audioConfig: { audioEncoding: 'LINEAR16', sampleRateHertz: 48_000 },
      } as const;
      const raw = `${outPath}.google`;
      try {
        await writeFile(raw, await speak(request, signal));
        // Not every voice takes a pace and a pitch: both are ours.
        return await shapeSpeech(tools, raw, outPath, { speed, pitch }, signal);
      } finally {
        await rm(raw, { force: true });
      }
    },
    close: () => client.close(),
  };

  async function speak(
    request: Parameters<TextToSpeechClient['synthesizeSpeech']>[0],
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    signal.throwIfAborted();
    // The job tries again, and tells its other items to wait too.
    const calling = client.synthesizeSpeech(request, { timeout: settings.timeoutMs ?? usualTimeoutMs, maxRetries: 0 });
    const [answer] = await raceAbort(calling, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      throw toProviderError(error);
    });
    const { audioContent } = answer;
    if (audioContent === null || audioContent === undefined) {
      throw new ProviderError('Google answered without sound.', { provider: 'google' });
    }
    return typeof audioContent === 'string' ? Buffer.from(audioContent, 'base64') : audioContent;
  }
}

/** By HTTP, which needs no other libraries and passes every proxy. */
function toClientOptions({ apiKey, credentials, endpoint }: GoogleSpeechSettings) {
  const url = endpoint === undefined ? null : new URL(endpoint);
  return {
    fallback: true,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(url === null
      ? {}
      : {
          apiEndpoint: url.hostname,
          port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
          protocol: url.protocol.slice(0, -1),
        }),
  };
}

/** The call itself cannot be told to stop; its answer is then nobody's. */
async function raceAbort<T>(calling: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([calling, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Codes of gRPC. */
const codes = {
  DEADLINE_EXCEEDED: 4,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  ABORTED: 10,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;
const retryableCodes: readonly number[] = [
  codes.DEADLINE_EXCEEDED,
  codes.RESOURCE_EXHAUSTED,
  codes.ABORTED,
  codes.INTERNAL,
  codes.UNAVAILABLE,
];
/** What Google's client says, without a code, when it comes to no token: none of it gets better by itself. */
const withoutToken = /default credentials|invalid_grant|invalid_client|unauthorized_client/i;
const failure = z.object({ code: z.number().optional(), statusDetails: z.array(z.unknown()).optional() });
const retryInfo = z.object({
  retryDelay: z.object({ seconds: z.coerce.number(), nanos: z.coerce.number().default(0) }),
});

function toProviderError(error: unknown): ProviderError {
  const { code, statusDetails = [] } = failure.safeParse(error).data ?? {};
  const { message } = toError(error);
  const isRefused = code === codes.PERMISSION_DENIED || code === codes.UNAUTHENTICATED || withoutToken.test(message);
  const retryAfterMs = readDelayMs(statusDetails) ?? (code === codes.RESOURCE_EXHAUSTED ? unsaidWaitMs : undefined);
  return new ProviderError(`Google did not speak the text: ${message}${isRefused ? refusedAdvice : ''}`, {
    provider: 'google',
    retryable: !isRefused && (code === undefined || retryableCodes.includes(code)),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    cause: error,
  });
}

const refusedAdvice =
  ' · Set LONGHAUL_GOOGLE_SERVICE_ACCOUNT to an account of a project in which the Text-to-Speech API is enabled, restart the workers, then retry the failed items.';

function readDelayMs(statusDetails: readonly unknown[]): number | undefined {
  for (const detail of statusDetails) {
    const delay = retryInfo.safeParse(detail).data?.retryDelay;
    if (delay) return delay.seconds * 1_000 + delay.nanos / 1e6;
  }
  return undefined;
}
