// The load process: `node load.ts`. It takes one job at a time from its parent and ends with it.
import { runClosedLoop } from './closed-loop.ts'
import type { Job } from './job.ts'
import { runLongStream } from './long-stream.ts'

// Only run.ts starts this file, and it sends nothing but jobs.
process.on('message', async (job: Job) => {
  const result = job.kind === 'rate' ? await runClosedLoop(job) : await runLongStream(job)
  process.send?.(result)
})
process.on('disconnect', () => process.exit(0))
