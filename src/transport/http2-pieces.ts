import type { ServerHttp2Stream } from 'node:http2'

/** What a stream is given at once. Node counts what waits there, and refuses streams to a connection that has too much of it. */
export const pieceBytes = 64 * 1024

/** Whether the end of an answer fits; what is neither text nor bytes is none. */
export const isOnePiece = (chunk: unknown): boolean =>
  !(typeof chunk === 'string' || chunk instanceof Uint8Array) || Buffer.byteLength(chunk) <= pieceBytes

/** Writes one piece when the other is out. Of a stream that ends before nothing is told. */
export function writePieces(stream: ServerHttp2Stream, bytes: Buffer, done: () => void): void {
  if (stream.destroyed || stream.closed) return
  const rest = bytes.subarray(pieceBytes)
  const written = rest.length === 0 ? () => done() : () => writePieces(stream, rest, done)
  stream.write(bytes.subarray(0, pieceBytes), written)
}
