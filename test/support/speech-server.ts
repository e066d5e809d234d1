import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { speechBytesPerMs, speechSampleRate, speechWavHeader } from '../../src/providers/speech/wav.ts';

export type SpeechAnswer = (request: SpeechRequestSeen, response: ServerResponse) => unknown;

export interface SpeechRequestSeen {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: unknown;
}

/** A local service of speech that keeps what it was asked. */
export interface SpeechServer {
  seen: SpeechRequestSeen[];
  /** http://127.0.0.1:port */
  url: string;
  close(): void;
}

export async function startSpeechServer(answer: SpeechAnswer): Promise<SpeechServer> {
  const seen: SpeechRequestSeen[] = [];
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      const asked = { method: request.method, url: request.url, headers: request.headers, body };
      seen.push(asked);
      return answer(asked, response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    seen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export const answerJson =
  (status: number, body: unknown, headers: Record<string, string> = {}): SpeechAnswer =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

export const answerWav =
  (wav: Buffer): SpeechAnswer =>
  (_, response) =>
    response.writeHead(200, { 'content-type': 'audio/wav' }).end(wav);

/** A WAV of one tone. */
export function toneWav(hz: number, durationMs: number): Buffer {
  const samples = Buffer.alloc(durationMs * speechBytesPerMs);
  for (let at = 0; at < samples.length; at += 2) {
    samples.writeInt16LE(Math.round(16_000 * Math.sin((Math.PI * hz * at) / speechSampleRate)), at);
  }
  return Buffer.concat([speechWavHeader(samples.length), samples]);
}
