const MiB = 1024 * 1024;

/** What one client can make the server hold, and for how long. */
export interface HttpLimits {
  /** Largest body of a GraphQL request: 1,000 inline items fit. */
  bodyBytes: number;
  /** A request's headers must be there after so long; what a client dribbles does not begin it anew. */
  headersMs: number;
  /** The same for its body. Uploads are exempt: they may take hours, but not stand still. */
  bodyMs: number;
  /** Largest message on a WebSocket. */
  messageBytes: number;
  /** What may wait in a socket's send buffer; who lets more pile up is cut off. */
  bufferedBytes: number;
  /** Operations open on one socket, queries in flight included. */
  operationsPerSocket: number;
  socketsPerKey: number;
  /** Over all sockets and server-sent events of the key. */
  subscriptionsPerKey: number;
  /** A socket is pinged this often, and cut off when the answer is not there by the next ping. */
  keepAliveMs: number;
  /** A connection on which no byte moves for so long is closed: a stalled reader of a stream too. */
  silenceMs: number;
  /** Levels of an operation below its root. */
  depth: number;
  /** Values that an operation may ask for, by the costs of the schema: GraphQL's own questions about the schema are free. */
  cost: number;
  aliases: number;
  directives: number;
  /** Of an operation's text: 1,000 inline items fit. */
  tokens: number;
  /** Levels of brackets in it, of selections and of values together. */
  nesting: number;
  /** What `close` gives to requests in flight and to sockets for their goodbye. */
  closeMs: number;
}

export const defaultLimits: HttpLimits = {
  bodyBytes: 10 * MiB,
  headersMs: 30_000,
  bodyMs: 30_000,
  messageBytes: MiB,
  bufferedBytes: 16 * MiB,
  operationsPerSocket: 100,
  socketsPerKey: 2_000,
  subscriptionsPerKey: 10_000,
  keepAliveMs: 12_000,
  silenceMs: 120_000,
  depth: 12,
  cost: 20_000,
  aliases: 15,
  directives: 5,
  tokens: 20_000,
  nesting: 200,
  closeMs: 5_000,
};
