import type { IncomingHttpHeaders } from 'node:http'
import { comparedBytes, type HeardAnswer } from '../model/mirroring.ts'
import type { ResponseFields } from './response-headers.ts'

const textOf = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(', ') : value)

/** An answer while it is heard: kept as long as it is short enough to be compared. */
export class Heard {
  readonly #status: number
  readonly #fields: IncomingHttpHeaders | ResponseFields
  #chunks: Buffer[] | undefined = []
  #bytes = 0

  constructor(status: number, fields: IncomingHttpHeaders | ResponseFields) {
    this.#status = status
    this.#fields = fields
  }

  add(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > comparedBytes) this.#chunks = undefined
    this.#chunks?.push(chunk)
  }

  get answer(): HeardAnswer {
    return {
      status: this.#status,
      type: textOf(this.#fields['content-type']),
      coding: textOf(this.#fields['content-encoding']),
      body: this.#chunks && Buffer.concat(this.#chunks)
    }
  }
}
