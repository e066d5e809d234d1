import type { GoogleConfig } from '../../config/google-config.ts';
import type { Database } from '../../database/database.ts';
import { GoogleAccountEntity } from '../../database/entities/google-account.ts';
import { readClosedBuckets } from '../../database/sql/read-closed-buckets.ts';
import { LimitExceededError, NotFoundError, PermissionDeniedError } from '../../domain/errors.ts';
import type { Limits } from '../../domain/limits.ts';
import type { RateLimiter, RateShare } from '../../limits/rate-limiter.ts';
import type { GoogleIdentity } from '../../providers/google/google-identity.ts';
import { createSheetsClient, type QuotaKind, type SheetsClient } from '../../providers/google/sheets-client.ts';
import { unsealRefreshToken } from '../../secrets/refresh-token.ts';

/** Who wants to read or write a spreadsheet. */
export interface SheetsRequest {
  projectId: string;
  /** A connected account; the installation itself when null. */
  accountId: string | null;
  intent: 'READ' | 'WRITE';
  /** Of what shares the quota fairly: a job, or a preview. */
  consumer: string;
  signal: AbortSignal;
}

/** Opens Google Sheets for jobs and previews, all of them together within Google's quotas. */
export interface SheetAccess {
  /** Holds a client while it is used. @throws NotFoundError, PermissionDeniedError when nobody is there to ask as */
  use<T>(request: SheetsRequest, work: (client: SheetsClient) => Promise<T>): Promise<T>;
}

export interface SheetAccessDeps {
  database: Database;
  rateLimiter: RateLimiter;
  config: { google: GoogleConfig; secret: string; limits: Limits };
}

/** Google counts what an OAuth client or a service account asks for, whichever project of Longhaul it is for: so these buckets belong to none. */
const installation = '00000000-0000-0000-0000-000000000000';

/** Sheets by the installation's and the projects' credentials, within Google's quota. */
export function createSheetAccess(deps: SheetAccessDeps): SheetAccess {
  const { google, limits } = deps.config;
  return {
    async use(request, work) {
      const identity = await findIdentity(deps, request);
      const quota = createQuota(deps, request, identity);
      try {
        return await work(
          createSheetsClient({
            endpoints: google,
            identity,
            intent: request.intent,
            signal: request.signal,
            limit: limits.googleUserRequestsPerMinute ?? limits.googleRequestsPerMinute ?? 0,
            takeTurn: quota.takeTurn,
            onRefused: quota.close,
          }),
        );
      } finally {
        quota.release();
      }
    },
  };
}

async function findIdentity({ database, config }: SheetAccessDeps, request: SheetsRequest): Promise<GoogleIdentity> {
  const { google, secret } = config;
  const { accountId: id, projectId } = request;
  if (id !== null) {
    const account = await database.em().findOne(GoogleAccountEntity, { id, projectId });
    if (!account) throw new NotFoundError(`There is no connected Google account ${id}.`);
    const { oauthClient: client } = google;
    if (!client) {
      throw new PermissionDeniedError(
        'This installation no longer has the OAuth client that its Google accounts were connected under: set LONGHAUL_GOOGLE_CLIENT_ID and LONGHAUL_GOOGLE_CLIENT_SECRET.',
      );
    }
    const name = account.email ?? account.name;
    return { kind: 'ACCOUNT', id, name, client, refreshToken: unsealRefreshToken(secret, id, account.sealedToken) };
  }
  if (google.serviceAccount) return { kind: 'SERVICE_ACCOUNT', ...google.serviceAccount };
  if (google.apiKey !== null && request.intent === 'READ') return { kind: 'API_KEY', apiKey: google.apiKey };
  throw new PermissionDeniedError(
    google.apiKey === null
      ? 'This installation has no access to Google Sheets of its own: connect a Google account with connectGoogleAccount and say its accountId, or set LONGHAUL_GOOGLE_SERVICE_ACCOUNT or LONGHAUL_GOOGLE_API_KEY.'
      : 'An API key cannot write to a sheet: say the accountId of a connected Google account, or leave writeBack out.',
  );
}

/** The quotas of Google that a client is under: that of whoever asks, and that of all together. */
function createQuota(
  { database, rateLimiter, config }: SheetAccessDeps,
  request: SheetsRequest,
  identity: GoogleIdentity,
) {
  const { googleRequestsPerMinute: all, googleUserRequestsPerMinute: ofUser } = config.limits;
  const shares = new Map<string, RateShare>();
  const names = (kind: QuotaKind) =>
    [
      { name: `google:${kind}:${userOf(identity)}`, perMinute: ofUser ?? unlimited },
      { name: `google:${kind}`, perMinute: all ?? unlimited },
    ] as const;

  const open = (name: string, perMinute: number): RateShare => {
    const known = shares.get(name);
    if (known) return known;
    const limit = { projectId: installation, name, jobId: request.consumer, itemsPerSecond: perMinute / 60 };
    const share = rateLimiter.open(limit);
    shares.set(name, share);
    return share;
  };

  return {
    async takeTurn(kind: QuotaKind): Promise<void> {
      for (const { name, perMinute } of names(kind)) {
        const outcome = await open(name, perMinute).take(1, request.signal);
        request.signal.throwIfAborted();
        if (outcome === 'CLOSED') throw await closed(name, perMinute);
      }
    },
    /** Google's message tells which quota is used up: "Read requests per minute per user", or without the user. */
    async close(kind: QuotaKind, { forMs, reason }: { forMs: number; reason: string }): Promise<void> {
      const [own, shared] = names(kind);
      const { name, perMinute } = /\buser\b/i.test(reason) ? own : shared;
      await open(name, perMinute).close({ forMs, reason, jobTypes: [] });
    },
    release: () => {
      for (const share of shares.values()) share.release();
    },
  };

  async function closed(name: string, limit: number): Promise<LimitExceededError> {
    const found = (await readClosedBuckets(database.pool, [installation])).find((each) => each.name === name);
    return new LimitExceededError(
      `Google asked to wait${found ? ` ${Math.ceil(found.forMs / 1_000)} s more` : ''}: ${found?.reason ?? 'its quota is used up.'}`,
      { limit, retryAfterMs: found?.forMs ?? 1_000, ...(found ? { resetsAt: found.until } : {}) },
    );
  }
}

/** A rate that nothing here reaches: also where nothing is limited, what Google closes is closed. */
const unlimited = 60_000;

function userOf(identity: GoogleIdentity): string {
  switch (identity.kind) {
    case 'SERVICE_ACCOUNT':
      return identity.email;
    case 'ACCOUNT':
      return identity.id;
    case 'API_KEY':
      return 'key';
  }
}
