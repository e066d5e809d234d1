#!/usr/bin/env node
// `longhaul …` from anywhere: the same as `npm run longhaul -- …`.
import { fileURLToPath } from 'node:url';

const run = new URL('../scripts/run.mjs', import.meta.url);
const cli = fileURLToPath(new URL('../src/cli/longhaul.ts', import.meta.url));
process.argv.splice(1, 1, fileURLToPath(run), 'node', cli);
await import(run.href);
