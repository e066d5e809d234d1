import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';

export interface SocketSender {
  socket: WebSocket;
  /** What the socket writes to. */
  stream: Duplex;
  /** Aborted when something is to be sent and nobody is there any more. */
  left: AbortController;
  /** A client that leaves more than this unread is cut off. */
  bufferedBytes: number;
}

/** Said in one turn of the event loop before the next message waits for the network, and the other sockets have theirs. */
const bytesPerTurn = 16 * 1024;

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Sends messages; what is said in one turn of the event loop goes out in one write, as most of what a short message costs is
 * the call into the system. The promise resolves when more may be said: at once, or when the message has left this process, so that
 * whoever awaits it produces no faster than the client reads.
 */
export function createSocketSender({ socket, stream, left, bufferedBytes }: SocketSender) {
  let isCorked = false;

  function gather(): void {
    if (isCorked) return;
    isCorked = true;
    stream.cork();
    setImmediate(() => {
      isCorked = false;
      stream.uncork();
    });
  }

  return async (data: string): Promise<void> => {
    if (socket.bufferedAmount > bufferedBytes) socket.terminate();
    if (socket.readyState !== socket.OPEN) {
      // The streams end here and not with the event of the closing, which comes only once they let it.
      left.abort();
      return await nextTurn();
    }
    gather();
    // A message that fails to leave breaks its connection, which says so itself.
    const gone = new Promise<void>((resolve) => socket.send(data, () => resolve()));
    if (socket.bufferedAmount < bytesPerTurn) return;
    await gone;
    await nextTurn();
  };
}
