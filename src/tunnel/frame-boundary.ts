/**
 * Follows one direction of a WebSocket through the heads of its frames (RFC 6455 section 5.2), to know where one ends: only
 * there may a frame be put in. What is in the frames it does not look at.
 */
export class FrameBoundary {
  /** The head of the frame that is coming in, as far as it is here; 14 bytes are the longest. */
  readonly #head = Buffer.alloc(14)
  #headBytes = 0
  /** Bytes of the payload that have not come yet. */
  #left = 0

  /** Whether a frame has ended with the last byte that was followed, or none has begun. */
  get isHere(): boolean {
    return this.#left === 0 && this.#headBytes === 0
  }

  /** Takes what came next. Answers how many of its bytes belong to the frame that was open; all of them if it is still open. */
  follow(chunk: Buffer): number {
    let first = this.isHere ? 0 : -1
    let at = 0
    while (at < chunk.length) {
      if (this.#left === 0) at = this.#readHead(chunk, at)
      const payload = Math.min(this.#left, chunk.length - at)
      this.#left -= payload
      at += payload
      if (first < 0 && this.isHere) first = at
    }
    return first < 0 ? chunk.length : first
  }

  /** Where the head ends in the chunk, or the chunk does. */
  #readHead(chunk: Buffer, from: number): number {
    let at = from
    while (at < chunk.length) {
      // The loop ends before the chunk does.
      this.#head[this.#headBytes++] = chunk[at++]!
      if (this.#headBytes < this.#headLength) continue
      this.#left = this.#payloadLength
      this.#headBytes = 0
      return at
    }
    return at
  }

  /** As far as it can be known from what has come: two bytes, then perhaps a longer length, then perhaps a mask. */
  get #headLength(): number {
    if (this.#headBytes < 2) return 2
    const [, second = 0] = this.#head
    const length = second & 0x7f
    return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + (second & 0x80 ? 4 : 0)
  }

  get #payloadLength(): number {
    const length = (this.#head[1] ?? 0) & 0x7f
    if (length === 126) return this.#head.readUInt16BE(2)
    return length === 127 ? this.#head.readUInt32BE(2) * 2 ** 32 + this.#head.readUInt32BE(6) : length
  }
}
