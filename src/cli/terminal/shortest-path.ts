import { relative } from 'node:path';

/** A path as people read it best: from where they are, unless it leads out of there. */
export function shortestPath(path: string, from = process.cwd()): string {
  const near = relative(from, path);
  return near.startsWith('..') ? path : near;
}
