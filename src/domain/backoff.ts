/** How often and how soon something is tried again. */
export interface RetryPolicy {
  /** All tries, the first included. */
  maxAttempts: number;
  initialDelayMs: number;
  factor: number;
  maxDelayMs: number;
}

export const defaultRetryPolicy: RetryPolicy = { maxAttempts: 5, initialDelayMs: 200, factor: 2, maxDelayMs: 30_000 };

/**
 * Milliseconds to wait after failed attempt number `attempt` (from 1): exponential, capped, with "full jitter"
 * (uniform between 0 and the cap), which spreads a crowd of retries best (AWS Architecture Blog, "Exponential Backoff And Jitter").
 * `random` is a number in [0, 1). A provider's own `retryAfterMs` is a floor.
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, random: number, retryAfterMs = 0): number {
  const ceiling = Math.min(policy.initialDelayMs * policy.factor ** (attempt - 1), policy.maxDelayMs);
  return Math.max(Math.round(ceiling * random), retryAfterMs);
}
