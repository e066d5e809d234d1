/** In whose name Google is asked. */
export type GoogleIdentity =
  | { kind: 'SERVICE_ACCOUNT'; email: string; privateKey: string }
  /** Somebody who let Longhaul in; `name` is for people. */
  | { kind: 'ACCOUNT'; id: string; name: string; refreshToken: string; client: { id: string; secret: string } }
  /** Nobody: what everybody may see. */
  | { kind: 'API_KEY'; apiKey: string };

/** The most that Longhaul asks for; those that only read ask for less where they can. */
export const sheetsScope = 'https://www.googleapis.com/auth/spreadsheets';
export const sheetsReadScope = `${sheetsScope}.readonly`;

/** Where Google is asked, when that is not Google itself. */
export interface GoogleEndpoints {
  rootUrl: string | null;
}

/** Null for Google's own. */
export function tokenUrlOf({ rootUrl }: GoogleEndpoints): string | null {
  return rootUrl === null ? null : new URL('token', rootUrl).href;
}
