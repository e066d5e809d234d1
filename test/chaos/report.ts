/** Takes one broken promise, in words. The run goes on, so that all of them are seen. */
export type Report = (violation: string) => void;
