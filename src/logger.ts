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

/** Lines that come within so many milliseconds are written at once, or sooner when they are so many characters. */
const together = { ms: 10, characters: 8192 }

/** The process's log: JSON lines on standard output, written without making anybody wait. */
export function openLog(level: string): Log {
  const destination = pino.destination({ dest: 1, sync: false })
  let lines = ''
  let isDue = false
  const write = () => {
    destination.write(lines)
    lines = ''
  }
  const due = () => {
    isDue = false
    write()
  }
  const gathering: DestinationStream = {
    write(line) {
      lines += line
      if (lines.length >= together.characters) write()
      if (isDue) return
      isDue = true
      setTimeout(due, together.ms).unref()
    }
  }
  return {
    logger: pino({ level, base: null }, gathering),
    written: () => {
      write()
      return drained(destination)
    },
    flush: () => {
      try {
        write()
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
    // Nothing, but after everything else.
    destination.write('')
  })
}
