import type { Orientation } from './render/output-format.ts';

const platforms: Record<string, Orientation> = {
  youtube: 'LANDSCAPE',
  vimeo: 'LANDSCAPE',
  website: 'LANDSCAPE',
  twitch: 'LANDSCAPE',
  x: 'LANDSCAPE',
  twitter: 'LANDSCAPE',
  linkedin: 'SQUARE',
  facebook: 'SQUARE',
  instagram: 'SQUARE',
  instagramfeed: 'SQUARE',
  tiktok: 'PORTRAIT',
  youtubeshorts: 'PORTRAIT',
  shorts: 'PORTRAIT',
  reels: 'PORTRAIT',
  instagramreels: 'PORTRAIT',
  instagramstories: 'PORTRAIT',
  snapchat: 'PORTRAIT',
};

/** The usual shape of videos on the first platform of a list that is known: "TikTok, YouTube" is portrait. Landscape where none is. */
export function chooseOrientation(list: string): Orientation {
  const names = list.split(/[,;|\n]/).map((name) => name.toLowerCase().replace(/[^a-z]/g, ''));
  const known = names.find((name) => Object.hasOwn(platforms, name));
  return (known && platforms[known]) || 'LANDSCAPE';
}
