import { expect, test } from 'vitest';
import { frameSize } from './output-format.ts';
import { renderNeeds } from './render-needs.ts';

const megabytes = (bytes: number) => Math.round(bytes / 1e6);

test('memory goes by the pixels and the codec, and not by the length', () => {
  const needs = (resolution: 'P720' | 'P2160', codec: 'H264' | 'H265', ms: number) =>
    megabytes(renderNeeds(frameSize(resolution, 'LANDSCAPE'), codec, ms).memoryBytes);
  expect(needs('P720', 'H264', 10_000)).toBe(290);
  expect(needs('P720', 'H264', 600_000)).toBe(290);
  expect(needs('P2160', 'H264', 10_000)).toBe(1_654);
  expect(needs('P2160', 'H265', 10_000)).toBeGreaterThan(1_654);
});

test('disk goes by the length', () => {
  const disk = (ms: number) => renderNeeds(frameSize('P720', 'SQUARE'), 'H264', ms).diskBytes;
  expect(megabytes(disk(60_000))).toBe(28);
  expect(disk(120_000)).toBe(disk(60_000) * 2);
});
