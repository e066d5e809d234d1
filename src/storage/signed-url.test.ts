import { describe, expect, it } from 'vitest';
import { createUrlSigner } from './signed-url.ts';

const signer = createUrlSigner({ secret: 's'.repeat(32), publicUrl: 'https://bulk.example/longhaul' });
const expiresAt = new Date('2026-06-01T00:00:00Z');
const before = new Date('2026-05-31T23:59:58Z');
const path = '/uploads/0190b5a4-7c3e-7d31-9f4e-0a1b2c3d4e5f';

function link(method: 'GET' | 'PUT' = 'PUT') {
  return signer.sign({ method, path, expiresAt });
}

/** As the server sees it, whatever the public URL is. */
function received(signed: string): URL {
  return new URL(signed.replace('https://bulk.example/longhaul', 'http://localhost'));
}

describe('a signed link', () => {
  it('lies below the public URL and holds for its method until it expires', () => {
    expect(link()).toMatch(
      /^https:\/\/bulk\.example\/longhaul\/uploads\/[0-9a-f-]+\?expires=1780272000&signature=[\w-]{43}$/,
    );
    const url = received(link());
    expect(signer.isValid({ method: 'PUT', url, now: before })).toBe(true);
    expect(signer.isValid({ method: 'GET', url, now: before })).toBe(false);
    expect(signer.isValid({ method: 'PUT', url, now: expiresAt })).toBe(false);
  });

  it('for GET holds for HEAD too', () => {
    expect(signer.isValid({ method: 'HEAD', url: received(link('GET')), now: before })).toBe(true);
    expect(signer.isValid({ method: 'HEAD', url: received(link('PUT')), now: before })).toBe(false);
  });

  it.each([
    ['another path', (url: URL) => (url.pathname = '/uploads/0190b5a4-7c3e-7d31-9f4e-0a1b2c3d4e60')],
    ['a later expiry', (url: URL) => url.searchParams.set('expires', '1790000000')],
    ['no expiry', (url: URL) => url.searchParams.delete('expires')],
    ['no signature', (url: URL) => url.searchParams.delete('signature')],
    ['a shorter signature', (url: URL) => url.searchParams.set('signature', 'AAAA')],
    ['a signature of the right length', (url: URL) => url.searchParams.set('signature', 'A'.repeat(43))],
  ])('is refused with %s', (_, change) => {
    const url = received(link());
    change(url);
    expect(signer.isValid({ method: 'PUT', url, now: before })).toBe(false);
  });

  it('is refused under another secret', () => {
    const other = createUrlSigner({ secret: 't'.repeat(32), publicUrl: 'http://localhost' });
    expect(other.isValid({ method: 'PUT', url: received(link()), now: before })).toBe(false);
  });
});
