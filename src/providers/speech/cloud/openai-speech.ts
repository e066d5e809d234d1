import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import OpenAI from 'openai';
import { ProviderError, toError } from '../../../domain/errors.ts';
import type { MediaTools } from '../../ffmpeg/media-tools.ts';
import { shapeSpeech } from '../shape-speech.ts';
import { speakNothing } from '../speak-nothing.ts';
import type { Speech, SpeechRequest, VoiceKind } from '../speech.ts';
import { toSpeakable } from '../to-speakable.ts';
import { readRetryAfter, unsaidWaitMs } from './retry-after.ts';

export interface OpenAiSpeechSettings {
  apiKey: string;
  /** Of a service that speaks OpenAI's protocol; OpenAI itself when left out. */
  baseUrl?: string;
  model: string;
  /** Names of the service's voices; those of OpenAI for what is left out. */
  voices?: Partial<Record<VoiceKind, string>>;
  timeoutMs?: number;
}

const usualVoices: Record<VoiceKind, string> = { FEMALE: 'coral', MALE: 'onyx', NEUTRAL: 'alloy' };
const usualTimeoutMs = 120_000;

/** Speech by OpenAI, or whatever speaks its protocol (audio/speech). The service finds the language by itself. */
export function createOpenAiSpeech(settings: OpenAiSpeechSettings, tools: MediaTools): Speech {
  const voices = { ...usualVoices, ...settings.voices };
  const client = new OpenAI({
    apiKey: settings.apiKey,
    baseURL: settings.baseUrl,
    timeout: settings.timeoutMs ?? usualTimeoutMs,
    // The job tries again, and tells its other items to wait too.
    maxRetries: 0,
  });
  return {
    name: 'openai',
    async synthesize({ text, voice, speed, pitch, outPath, signal }) {
      const speakable = toSpeakable(text);
      if (speakable === '') return await speakNothing(outPath);
      const raw = `${outPath}.openai`;
      try {
        await download({ input: speakable, model: settings.model, voice: voices[voice] }, raw, signal);
        // Not every model takes a pace, and none a pitch: both are ours.
        return await shapeSpeech(tools, raw, outPath, { speed, pitch }, signal);
      } finally {
        await rm(raw, { force: true });
      }
    },
  };

  async function download(
    body: { input: string; model: string; voice: string },
    path: string,
    signal: SpeechRequest['signal'],
  ): Promise<void> {
    try {
      const { body: sound } = await client.audio.speech.create({ ...body, response_format: 'wav' }, { signal });
      if (sound === null) throw new ProviderError('OpenAI answered without sound.', { provider: 'openai' });
      await pipeline(Readable.from(sound), createWriteStream(path), { signal });
    } catch (error) {
      signal.throwIfAborted();
      throw toProviderError(error);
    }
  }
}

function toProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  if (!(error instanceof OpenAI.APIError)) {
    const message = `The speech of OpenAI broke off: ${toError(error).message}`;
    return new ProviderError(message, { provider: 'openai', retryable: true, cause: error });
  }
  // Without a status there was no answer: a connection that failed, or a time that was over.
  const status = typeof error.status === 'number' ? error.status : null;
  const isLimited = status === 429 && !isOutOfQuota(error);
  const asked = readRetryAfter(error.headers?.get('retry-after'));
  const retryAfterMs = isLimited ? (asked ?? unsaidWaitMs) : asked;
  return new ProviderError(`OpenAI did not speak the text: ${error.message}${adviceOn(error, status)}`, {
    provider: 'openai',
    retryable: isLimited || status === null || status === 408 || status === 409 || status >= 500,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    cause: error,
  });
}

/** What only somebody outside can put right. */
function adviceOn(error: InstanceType<typeof OpenAI.APIError>, status: number | null): string {
  if (isOutOfQuota(error)) return ' · Give the account credit, then retry the failed items.';
  if (status === 401 || status === 403)
    return ' · Set OPENAI_API_KEY to a key that may speak, restart the workers, then retry the failed items.';
  if (status === 404)
    return ' · Correct OPENAI_BASE_URL or LONGHAUL_SPEECH_MODEL, restart the workers, then retry the failed items.';
  return '';
}

/** A 429 too, but one that only somebody who pays can end. */
function isOutOfQuota(error: InstanceType<typeof OpenAI.APIError>): boolean {
  return error.code === 'insufficient_quota';
}
