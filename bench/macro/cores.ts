import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Which core each part is bound to, or undefined when this machine cannot bind processes. */
export type Cores = { readonly candidate: number; readonly load: number; readonly upstream: number }

function usableCores(): number[] {
  const list = /^Cpus_allowed_list:\s+(\S+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? ''
  return list.split(',').flatMap(range => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, offset) => first + offset)
  })
}

/**
 * Chooses the cores: the candidate has one to itself, the load and the upstream share a second one or, where there is a third,
 * have one each. Undefined without `taskset` or with a single core; then the kernel places the processes.
 */
export function chooseCores(): Cores | undefined {
  try {
    execFileSync('taskset', ['-V'], { stdio: 'ignore' })
    const [candidate, load, upstream] = usableCores()
    if (candidate === undefined || load === undefined) return undefined
    return { candidate, load, upstream: upstream ?? load }
  } catch {
    return undefined
  }
}

/** A command that does the same bound to a core; `taskset` becomes the program, so the process id stays that of the program. */
export function pinned(core: number | undefined, file: string, args: readonly string[]): { file: string; args: string[] } {
  if (core === undefined) return { file, args: [...args] }
  return { file: 'taskset', args: ['-c', String(core), file, ...args] }
}
