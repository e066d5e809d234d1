import { gzipSync } from 'node:zlib';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Limits } from '../../src/domain/limits.ts';
import { startTestApi, type TestApi, type TestSettings } from '../support/api.ts';
