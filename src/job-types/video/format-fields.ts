import { oneOf } from '../fields.ts';
import type { AudioCodec, Container, Orientation, Resolution, VideoCodec } from './render/output-format.ts';

export const container = oneOf<Container>({
  MP4: 'Plays nearly everywhere.',
  MOV: 'QuickTime, for editing on a Mac.',
  WEBM: 'For the web, with VP9 and Opus.',
});

export const videoCodec = oneOf<VideoCodec>({
  H264: 'Plays nearly everywhere.',
  H265: 'Smaller files, and more than twice the time to encode.',
  VP9: 'Free of royalties; plays in browsers.',
});

export const audioCodec = oneOf<AudioCodec>({
  AAC: 'Plays nearly everywhere.',
  OPUS: 'Better speech in fewer bytes; plays in browsers.',
});

export const resolution = oneOf<Resolution>({
  P720: '1280 × 720 pixels in landscape.',
  P1080: '1920 × 1080 pixels in landscape (Full HD).',
  P2160: '3840 × 2160 pixels in landscape (4K).',
});

export const orientation = oneOf<Orientation>({
  LANDSCAPE: '16 to 9, as on YouTube.',
  PORTRAIT: '9 to 16, as on TikTok.',
  SQUARE: '1 to 1, as in feeds of Instagram.',
});
