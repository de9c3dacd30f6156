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

/** Lines that come within so many milliseconds, or up to so many bytes of them, are written at once. */
const together = { ms: 10, bytes: 8192 }

/** The process's log: JSON lines on standard output, written without making anybody wait. */
export function openLog(level: string): Log {
  const destination = pino.destination({ dest: 1, sync: false, minLength: together.bytes })
  let isDue = false
  const write = () => {
    isDue = false
    destination.flush()
  }
  const lines: DestinationStream = {
    write(line) {
      destination.write(line)
      if (isDue) return
      isDue = true
      setTimeout(write, together.ms).unref()
    }
  }
  const logger = pino({ level, base: null }, lines)
  return {
    logger,
    written: async () => {
      // What is being written now may not be all there is.
      for (let round = 0; round < 2; round++) await drained(destination)
    },
    flush: () => {
      try {
        destination.flushSync()
      } catch {
        // It was never opened: nothing was written.
      }
    }
  }
}

/** Resolves when what is there is written, unless it takes too long. */
function drained(destination: ReturnType<typeof pino.destination>): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, readerMs)
    destination.once('drain', () => {
      clearTimeout(timer)
      resolve()
    })
    destination.flush()
  })
}
