import { expect, test } from 'vitest';
import {
  audioCodecs,
  containers,
  explainUnplayable,
  extensionOf,
  frameSize,
  isPlayable,
  mediaTypeOf,
  videoCodecs,
} from './output-format.ts';

test('a format is what players of its container can play', () => {
  const all = containers.flatMap((container) =>
    videoCodecs.flatMap((videoCodec) => audioCodecs.map((audioCodec) => ({ container, videoCodec, audioCodec }))),
  );
  expect(all.filter(isPlayable).map((format) => Object.values(format).join(' '))).toEqual([
    'MP4 H264 AAC',
    'MP4 H264 OPUS',
    'MP4 H265 AAC',
    'MP4 H265 OPUS',
    'MP4 VP9 AAC',
    'MP4 VP9 OPUS',
    'MOV H264 AAC',
    'MOV H265 AAC',
    'WEBM VP9 OPUS',
  ]);
});

test('a format that nobody plays is refused with what to choose instead', () => {
  expect(explainUnplayable({ container: 'MOV', videoCodec: 'VP9', audioCodec: 'AAC' })).toBe(
    'MOV with VP9 and AAC is played nowhere: MOV takes H264 or H265 with AAC.',
  );
  expect(explainUnplayable({ container: 'WEBM', videoCodec: 'VP9', audioCodec: 'OPUS' })).toBeNull();
});

test('the resolution is the shorter side', () => {
  expect(frameSize('P720', 'LANDSCAPE')).toEqual({ width: 1_280, height: 720 });
  expect(frameSize('P1080', 'PORTRAIT')).toEqual({ width: 1_080, height: 1_920 });
  expect(frameSize('P2160', 'SQUARE')).toEqual({ width: 2_160, height: 2_160 });
  expect(frameSize('P2160', 'LANDSCAPE')).toEqual({ width: 3_840, height: 2_160 });
});

test('files have the name and type of their container', () => {
  expect(containers.map((container) => [extensionOf(container), mediaTypeOf(container)])).toEqual([
    ['mp4', 'video/mp4'],
    ['mov', 'video/quicktime'],
    ['webm', 'video/webm'],
  ]);
});
