import pino, { type DestinationStream, type Logger } from 'pino'

export interface Log {
  readonly logger: Logger
  /** Resolves when everything that was logged before is written, or after a second where nobody reads it. */
  written(): Promise<void>
  /** For the very end, when nothing can be waited for: writes the rest at once, ahead of what may still be under way. */
  flush(): void
}

/** How long the end waits for a reader of the log, in milliseconds. */
const readerMs = 1000

/** The process's log: JSON lines on standard output, written without making anybody wait. */
export function openLog(level: string): Log {
  const destination = pino.destination({ dest: 1, sync: false })
  const logger = pino({ level, base: null }, destination as DestinationStream)
  return {
    logger,
    written: () =>
      new Promise(resolve => {
        const timer = setTimeout(resolve, readerMs)
        destination.once('drain', () => {
          clearTimeout(timer)
          resolve()
        })
        // Nothing, but after everything else.
        destination.write('')
      }),
    flush: () => {
      try {
        destination.flushSync()
      } catch {
        // It was never opened: nothing was written.
      }
    }
  }
}
