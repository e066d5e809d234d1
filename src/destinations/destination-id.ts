const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Clients see the base64 of this. */
const global = (id: string) => `Destination:${id}`;

/** The id that is stored, from that or the one that clients see; null for anything else. */
export function findDestinationId(text: string): string | null {
  const decoded = Buffer.from(text, 'base64').toString();
  const id = decoded.startsWith(global('')) ? decoded.slice(global('').length) : text.trim();
  return uuid.test(id) ? id.toLowerCase() : null;
}

/** Every way in which an option of a job may have named it. */
export function namesOfDestination(id: string): string[] {
  return [id, Buffer.from(global(id)).toString('base64')];
}
