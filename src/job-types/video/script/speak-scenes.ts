import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Speech, VoiceKind } from '../../../providers/speech/speech.ts';
import { findWavData, speechBytesPerMs, speechWavHeader } from '../../../providers/speech/wav.ts';
import type { SpokenSentence } from './plan-timeline.ts';
import type { Scene } from './split-script.ts';

export interface SpeakScenesInput {
  scenes: readonly Scene[];
  speech: Speech;
  voice: { kind: VoiceKind; speed: number; pitch: number };
  /** BCP 47; found sentence by sentence when left out. */
  language?: string;
  /** Gets one WAV with all sentences in their order, without pauses. */
  outPath: string;
  /** For one sentence at a time. */
  workDir: string;
  signal: AbortSignal;
  /** Gets what a listener will miss, each thing once. */
  onWarning?(warning: string): void;
  onProgress?(progress: { percent: number; scene: number; scenes: number }): void;
}

/** Speaks every sentence of every scene; answers how long each takes. Leaves no file when it fails. @throws ProviderError */
export async function speakScenes(input: SpeakScenesInput): Promise<SpokenSentence[][]> {
  const { scenes, outPath, workDir, signal } = input;
  const sentencePath = join(workDir, 'sentence.wav');
  const out = await open(outPath, 'w');
  let isDone = false;
  try {
    await out.write(speechWavHeader(0));
    const count = scenes.reduce((sum, scene) => sum + scene.sentences.length, 0);
    let written = 0;
    let spokenCount = 0;
    const spoken: SpokenSentence[][] = [];
    const warnings = new Set<string>();
    for (const [index, scene] of scenes.entries()) {
      const sentences: SpokenSentence[] = [];
      for (const text of scene.sentences) {
        signal.throwIfAborted();
        const { warning } = await speak(input, text, sentencePath);
        if (warning !== undefined && !warnings.has(warning)) input.onWarning?.(warning);
        if (warning !== undefined) warnings.add(warning);
        const bytes = await append(sentencePath, out);
        written += bytes;
        sentences.push({ text, durationMs: bytes / speechBytesPerMs });
        spokenCount += 1;
        input.onProgress?.({ percent: (spokenCount / count) * 100, scene: index + 1, scenes: scenes.length });
      }
      spoken.push(sentences);
    }
    await out.write(speechWavHeader(written), 0, undefined, 0);
    isDone = true;
    return spoken;
  } finally {
    await out.close();
    await rm(sentencePath, { force: true });
    if (!isDone) await rm(outPath, { force: true });
  }
}

async function speak({ speech, voice, language, signal }: SpeakScenesInput, text: string, outPath: string) {
  const { kind, speed, pitch } = voice;
  return await speech.synthesize({
    text,
    voice: kind,
    speed,
    pitch,
    ...(language === undefined ? {} : { language }),
    outPath,
    signal,
  });
}

/** Puts the samples of a WAV behind what was written. The file says how long it is, whatever the engine answered. */
async function append(path: string, out: Awaited<ReturnType<typeof open>>): Promise<number> {
  const { offset, bytes } = await findWavData(path);
  if (bytes === 0) return 0;
  const sentence = await open(path);
  try {
    const samples = sentence.createReadStream({ start: offset, end: offset + bytes - 1, autoClose: false });
    await pipeline(samples, async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) await out.write(chunk);
    });
  } finally {
    await sentence.close();
  }
  return bytes;
}
