import {
  DomainError,
  InvalidInputError,
  LimitExceededError,
  NotFoundError,
  PermissionDeniedError,
  ProviderError,
  toError,
} from '../../domain/errors.ts';
import type { GoogleIdentity } from './google-identity.ts';

/** What a request was about, to say it in an error. */
export interface GoogleRequest {
  identity: GoogleIdentity;
  spreadsheetId: string;
  intent: 'READ' | 'WRITE';
  /** Requests a minute that the installation may send. */
  limit: number;
}

/** Google counts by the minute, and says in `Retry-After` when to come back, if anything. */
const quotaMs = 60_000;
const outageMs = 5_000;
const provider = 'google';

/**
 * What an error of Google's client means for whoever asked. The error itself is left behind: it holds the request with its
 * credentials.
 */
export function toGoogleError(thrown: unknown, request: GoogleRequest): DomainError {
  if (thrown instanceof DomainError) return thrown;
  const { status, reason, message, retryAfterMs } = readGoogleAnswer(toError(thrown));
  const { identity, spreadsheetId } = request;
  if (reason === 'invalid_grant' || status === 401) return revoked(identity, message);
  if (reason === 'invalid_client' || reason === 'unauthorized_client' || reason === 'deleted_client') {
    return new ProviderError(`Google does not know the OAuth client of this installation: ${message}`, { provider });
  }
  if (status === 429 || (status === 403 && /RESOURCE_EXHAUSTED|rate limit|quota/i.test(`${reason} ${message}`))) {
    return new LimitExceededError(`Google asks to wait: ${message}`, {
      limit: request.limit,
      retryAfterMs: retryAfterMs ?? quotaMs,
    });
  }
  if (status === 404) {
    return new NotFoundError(
      `Google has no spreadsheet ${JSON.stringify(spreadsheetId)}. Its id stands in its URL, between /d/ and /edit.`,
      'SHEET_NOT_FOUND',
    );
  }
  if (status === 403) return denied(request, message);
  if (status === 400 && /unable to parse range|exceeds grid limits/i.test(message)) {
    return new InvalidInputError(`${message.replace(/\.$/, '')}.`, [], 'INVALID_RANGE');
  }
  if (status === 400 && /not supported for this document/i.test(message)) {
    return new InvalidInputError(
      'The document is no Google Sheet, but most likely an Excel file in Google Drive: open it and choose "Save as Google Sheets", or upload it here.',
    );
  }
  if (status === 400 && /API key/i.test(message)) {
    return new ProviderError(`Google does not accept LONGHAUL_GOOGLE_API_KEY: ${message}`, { provider });
  }
  if (status !== null && status < 500) return new ProviderError(`Google refused the request: ${message}`, { provider });
  return new ProviderError(`Google Sheets cannot be reached: ${message}. It is tried again.`, {
    provider,
    retryAfterMs: retryAfterMs ?? outageMs,
  });
}

function revoked(identity: GoogleIdentity, message: string): DomainError {
  if (identity.kind === 'ACCOUNT') {
    return new PermissionDeniedError(
      `Google no longer lets Longhaul in as ${JSON.stringify(identity.name)}: connect the account again with connectGoogleAccount and its accountId.`,
      'ACCOUNT_REVOKED',
    );
  }
  const who = identity.kind === 'SERVICE_ACCOUNT' ? `the service account ${identity.email}` : 'the API key';
  return new ProviderError(`Google does not accept ${who} of this installation: ${message}`, { provider });
}

function denied({ identity, intent, spreadsheetId }: GoogleRequest, message: string): DomainError {
  if (/has not been used|is disabled/i.test(message)) {
    return new ProviderError(
      `The Sheets API is switched off in the Google Cloud project of this installation: ${message}`,
      { provider },
    );
  }
  if (/scope/i.test(message) && identity.kind === 'ACCOUNT') {
    return new PermissionDeniedError(
      `${JSON.stringify(identity.name)} did not let Longhaul ${intent === 'WRITE' ? 'edit' : 'see'} spreadsheets: connect it again and allow that.`,
      'ACCOUNT_REVOKED',
    );
  }
  const role = intent === 'WRITE' ? 'as an editor' : 'as a viewer';
  const advice = {
    SERVICE_ACCOUNT: (email: string) => `Share it with ${email} ${role}.`,
    ACCOUNT: (name: string) => `Share it with ${name} ${role}, or connect an account that may open it.`,
    API_KEY: () => 'Share it with anyone who has the link, or connect a Google account that may open it.',
  };
  const who = identity.kind === 'API_KEY' ? 'The public' : nameOf(identity);
  const may = intent === 'WRITE' ? 'edit' : 'see';
  return new PermissionDeniedError(
    `${who} may not ${may} the spreadsheet ${JSON.stringify(spreadsheetId)}. ${advice[identity.kind](nameOf(identity))}`,
  );
}

function nameOf(identity: GoogleIdentity): string {
  switch (identity.kind) {
    case 'SERVICE_ACCOUNT':
      return identity.email;
    case 'ACCOUNT':
      return identity.name;
    case 'API_KEY':
      return '';
  }
}

interface GoogleAnswer {
  /** Null when there was no answer. */
  status: number | null;
  /** "RESOURCE_EXHAUSTED" of the API, "invalid_grant" of the token endpoint. */
  reason: string;
  message: string;
  retryAfterMs: number | null;
}

/** As `GaxiosError` has it: `response.data` is the API's error JSON or that of OAuth (RFC 6749, 5.2). */
export function readGoogleAnswer(error: Error): GoogleAnswer {
  const response = 'response' in error && isRecord(error.response) ? error.response : {};
  const data = isRecord(response['data']) ? response['data'] : {};
  const detail = isRecord(data['error']) ? data['error'] : {};
  const { status, headers } = response;
  const reason = textOf(detail['status']) ?? textOf(data['error']) ?? '';
  const message = textOf(detail['message']) ?? textOf(data['error_description']) ?? (reason || error.message);
  const retryAfter = readHeader(headers, 'retry-after');
  return {
    status: typeof status === 'number' ? status : null,
    reason,
    message: message.slice(0, maxMessageLength).toWellFormed(),
    retryAfterMs: retryAfter === null ? null : readRetryAfter(retryAfter),
  };
}

const maxMessageLength = 500;

/** These are the headers of node-fetch, which are no `Headers` of Node's own. */
function readHeader(headers: unknown, name: string): string | null {
  if (!isRecord(headers) || typeof headers['get'] !== 'function') return null;
  return textOf(headers['get'](name));
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function readRetryAfter(text: string): number | null {
  const ms = /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? null : Math.max(ms, 0);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
