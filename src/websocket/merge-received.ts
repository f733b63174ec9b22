/** Small pieces that may pile up before they are merged. */
const maxPieces = 1024;

/** Pieces from this size on (bytes) are left alone: merging them would only copy. */
const blockSize = 64 * 1024;

interface Received {
  _receiver?: { _fragments?: Buffer[]; _buffers?: Buffer[] };
}

/**
 * Merges what a connection has received of an unfinished message.
 *
 * **Security:** each piece costs a Buffer object and keeps alive the network buffer it lies in, a hundred bytes and
 * more for a fragment of one byte. Merged now and then, what an unfinished message costs stays in proportion to its
 * size, which is limited, however finely a peer grinds it (T68). This reads two lists of the `ws` receiver that are
 * not public; were they to go, the limits on size and number of fragments would still hold.
 */
export function mergeReceived(ws: object): void {
  const receiver = (ws as Received)._receiver;
  if (receiver === undefined) return;
  if (receiver._fragments !== undefined && receiver._fragments.length > maxPieces) mergeTail(receiver._fragments);
  if (receiver._buffers !== undefined && receiver._buffers.length > maxPieces) mergeTail(receiver._buffers);
}

/** Replaces the small Buffers at the end of a list by one. */
export function mergeTail(list: Buffer[]): void {
  let start = list.length;
  while (start > 0 && (list[start - 1]?.length ?? blockSize) < blockSize) start -= 1;
  // Few at the end mean that the list is long because the message is: nothing to gain.
  if (list.length - start > maxPieces / 2) list.push(Buffer.concat(list.splice(start)));
}
