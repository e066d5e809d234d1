/** `LONGHAUL_SECRET` of the servers that tests start in their own process. */
export const testSecret = 'a secret that is known to tests only';
