import { expect, test } from 'vitest';
import { shortestPath } from './shortest-path.ts';

test('a path inside the folder where the user is begins there, any other at the root', () => {
  expect(shortestPath('/home/me/longhaul/.longhaul/logs', '/home/me/longhaul')).toBe('.longhaul/logs');
  expect(shortestPath('/srv/longhaul/logs', '/home/me/longhaul')).toBe('/srv/longhaul/logs');
});
