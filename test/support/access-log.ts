import { EventEmitter, once } from 'node:events'
import pino, { type Logger } from 'pino'

/** A line of the access log, as far as tests look. */
export interface AccessLine {
  readonly msg: string
  readonly id: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly error?: string
  readonly attempts?: readonly { readonly outcome: string }[]
}

/** A log that is kept. */
export interface AccessLog {
  readonly logger: Logger
  /** Lines of the access log so far. */
  readonly lines: readonly AccessLine[]
  /** Resolves with the given line, the first is 1, once it is written. */
  line(count: number): Promise<AccessLine>
}

export function accessLog(): AccessLog {
  const lines: AccessLine[] = []
  const written = new EventEmitter()
  const write = (text: string) => {
    const record = JSON.parse(text)
    if (record.msg !== 'request') return
    lines.push(record)
    written.emit('line')
  }
  const line = async (count: number) => {
    for (;;) {
      const found = lines[count - 1]
      if (found !== undefined) return found
      await once(written, 'line')
    }
  }
  return { logger: pino({ level: 'info' }, { write }), lines, line }
}
