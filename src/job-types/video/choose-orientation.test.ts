import { expect, test } from 'vitest';
import { chooseOrientation } from './choose-orientation.ts';

test.each([
  ['tiktok,youtube', 'PORTRAIT'],
  ['YouTube; TikTok', 'LANDSCAPE'],
  ['YouTube Shorts', 'PORTRAIT'],
  ['newsletter, LinkedIn', 'SQUARE'],
  ['', 'LANDSCAPE'],
  ['constructor', 'LANDSCAPE'],
])('videos for %j are %s', (platforms, orientation) => {
  expect(chooseOrientation(platforms)).toBe(orientation);
});
