import pino, { type DestinationStream, type Logger } from 'pino'

/** The process's log: JSON lines on standard output, written without making anybody wait. `flush` at the end loses nothing. */
export function openLog(level: string): { logger: Logger; flush: () => void } {
  const destination = pino.destination({ dest: 1, sync: false })
  const logger = pino({ level, base: null }, destination as DestinationStream)
  return {
    logger,
    flush: () => {
      try {
        destination.flushSync()
      } catch {
        // It was never opened: nothing was written.
      }
    }
  }
}
