export const voiceKinds = ['FEMALE', 'MALE', 'NEUTRAL'] as const;
export type VoiceKind = (typeof voiceKinds)[number];

export interface SpeechRequest {
  text: string;
  voice: VoiceKind;
  /** Pace as a factor of the usual, 0.5 to 2. */
  speed: number;
  /** Semitones from the usual, -12 to 12. */
  pitch: number;
  /** BCP 47; found by the script of the text when left out. */
  language?: string;
  /** Gets a WAV of 48 kHz, one channel, 16 bits. */
  outPath: string;
  signal: AbortSignal;
}

export interface SpokenSound {
  durationMs: number;
  /** What a listener misses, and what to do about it; for people. */
  warning?: string;
}

/** Something that speaks. Text without a word in it becomes a short silence. */
export interface Speech {
  /** lower-case-with-dashes; for logs and messages. */
  name: string;
  /** @throws ProviderError when it cannot; retryable when it may later */
  synthesize(request: SpeechRequest): Promise<SpokenSound>;
}
