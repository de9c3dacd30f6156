/** A flag and a length of four bytes (gRPC over HTTP/2, Length-Prefixed-Message). */
const prefixBytes = 5

/** Finds how long the messages are that a gRPC body consists of, whatever the pieces it comes in. */
export class MessageLengths {
  /** The longest that has begun, in bytes. */
  longest = 0
  /** Of the length, as far as its bytes have come. */
  #length = 0
  #prefix = 0
  /** What is to come of the message. */
  #rest = 0

  add(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#rest > 0) {
        const part = Math.min(this.#rest, chunk.length - at)
        this.#rest -= part
        at += part
        continue
      }
      // The first byte is the flag.
      if (this.#prefix > 0) this.#length = this.#length * 256 + (chunk[at] ?? 0)
      at++
      if (++this.#prefix === prefixBytes) this.#begin()
    }
  }

  #begin(): void {
    this.#rest = this.#length
    this.longest = Math.max(this.longest, this.#length)
    this.#length = 0
    this.#prefix = 0
  }
}
