const outageCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  // SQLSTATE: shutting down, starting up, too many connections, out of disk or memory, and conflicts between transactions.
  '57P01',
  '57P02',
  '57P03',
  '53100',
  '53200',
  '53300',
  '40001',
  '40P01',
]);

/** True when Postgres is away, starting, full or busy: the same statement can succeed later, unchanged. */
export function isOutage(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  if (outageCodes.has(code) || code.startsWith('08')) return true;
  if (
    /Connection terminated|connection timeout|timeout exceeded when trying to connect|Client has encountered a connection error/i.test(
      error.message,
    )
  )
    return true;
  return error.cause instanceof Error && isOutage(error.cause);
}
