import { styleText } from 'node:util';
import type { Log } from '../../embedded/managed-process.ts';

/** One line a message for people: what happens, and in yellow what went wrong but goes on. */
export function createTerminalLog(output: NodeJS.WriteStream = process.stderr): Log {
  const line = (mark: string, message: string) => output.write(`${mark} ${message}\n`);
  return {
    info: (message) => line(styleText('dim', '·', { stream: output }), message),
    warn: (message) => line(styleText('yellow', '!', { stream: output }), message),
  };
}
