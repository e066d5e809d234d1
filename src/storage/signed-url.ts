import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a link allows: one method on one path until a moment. */
export interface SignedAction {
  method: 'GET' | 'PUT';
  /** Below the public URL, as in "/uploads/<id>". */
  path: string;
  expiresAt: Date;
}

/** Makes and checks links that carry their own permission. */
export interface UrlSigner {
  sign(action: SignedAction): string;
  /** True for a link of ours that has not expired. HEAD is allowed where GET is. */
  isValid(request: { method: string; url: URL; now?: Date }): boolean;
}

/** Signs with HMAC-SHA256 over method, path and expiry. A copy of the link is a copy of the permission: keep them short-lived. */
export function createUrlSigner({ secret, publicUrl }: { secret: string; publicUrl: string }): UrlSigner {
  const signatureOf = (method: string, path: string, expires: string) =>
    createHmac('sha256', secret).update(`longhaul link\n${method}\n${path}\n${expires}`).digest();

  return {
    sign({ method, path, expiresAt }) {
      const expires = String(Math.floor(expiresAt.getTime() / 1_000));
      const signature = signatureOf(method, path, expires).toString('base64url');
      return `${publicUrl}${path}?expires=${expires}&signature=${signature}`;
    },

    isValid({ method, url, now = new Date() }) {
      const expires = url.searchParams.get('expires') ?? '';
      const given = Buffer.from(url.searchParams.get('signature') ?? '', 'base64url');
      const expected = signatureOf(method === 'HEAD' ? 'GET' : method, url.pathname, expires);
      // Compared first and in constant time: an expired link and a forged one look the same from outside.
      const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
      return isOurs && Number(expires) * 1_000 > now.getTime();
    },
  };
}
