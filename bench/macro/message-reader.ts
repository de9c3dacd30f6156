const HEAD_END = '\r\n\r\n'
const LINE_END = '\r\n'

type Part = 'head' | 'body' | 'chunk-size' | 'chunk' | 'trailers'

/** What a reader reports: the head of each message without its final blank line, and that the message is complete. */
export type MessageEvents = { head(head: string): void; end(): void }

/**
 * Finds the boundaries of HTTP/1.1 messages in what a connection delivers and throws their bodies away. It trusts its peer
 * and knows only what the benchmark's own programs and the candidates send: content-length, chunked, and no body. Node's own
 * parser would cost more than some candidates under test.
 */
export class MessageReader {
  readonly #events: MessageEvents
  #part: Part = 'head'
  #pending: Buffer | undefined
  #left = 0

  constructor(events: MessageEvents) {
    this.#events = events
  }

  /**
   * Takes what a socket delivered; events are called before it returns. The type of 'data' allows for sockets with an
   * encoding, which the benchmark's never have.
   */
  push(chunk: Buffer | string): void {
    const arrived = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk, 'latin1')
    const data = this.#pending ? Buffer.concat([this.#pending, arrived]) : arrived
    this.#pending = undefined
    let at = 0
    while (at < data.length) {
      const next = this.#step(data, at)
      if (next === undefined) {
        this.#pending = data.subarray(at)
        return
      }
      at = next
    }
  }

  /** Reads one part and answers where the next begins, or undefined when the part is not complete yet. */
  #step(data: Buffer, at: number): number | undefined {
    switch (this.#part) {
      case 'head':
        return this.#readHead(data, at)
      case 'body':
      case 'chunk': {
        const taken = Math.min(this.#left, data.length - at)
        this.#left -= taken
        if (this.#left === 0) this.#finishBody()
        return at + taken
      }
      case 'chunk-size':
      case 'trailers':
        return this.#readLine(data, at)
    }
  }

  #readHead(data: Buffer, at: number): number | undefined {
    const end = data.indexOf(HEAD_END, at)
    if (end < 0) return undefined
    const head = data.toString('latin1', at, end)
    // An interim answer (RFC 9110 section 15.2) is followed by the one that counts.
    if (head.startsWith('HTTP/1.1 1')) return end + HEAD_END.length
    this.#events.head(head)
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)
    if (length) {
      this.#left = Number(length[1])
      this.#part = 'body'
    } else if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
      this.#part = 'chunk-size'
    } else {
      this.#left = 0
    }
    if (this.#part !== 'chunk-size' && this.#left === 0) this.#finishMessage()
    return end + HEAD_END.length
  }

  #readLine(data: Buffer, at: number): number | undefined {
    const end = data.indexOf(LINE_END, at)
    if (end < 0) return undefined
    if (this.#part === 'trailers') {
      if (end === at) this.#finishMessage()
    } else {
      const size = Number.parseInt(data.toString('latin1', at, end), 16)
      // The line end after a chunk is read as if it belonged to it.
      this.#left = size + LINE_END.length
      this.#part = size === 0 ? 'trailers' : 'chunk'
    }
    return end + LINE_END.length
  }

  #finishBody(): void {
    if (this.#part === 'chunk') this.#part = 'chunk-size'
    else this.#finishMessage()
  }

  #finishMessage(): void {
    this.#part = 'head'
    this.#events.end()
  }
}
