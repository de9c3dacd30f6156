import { readdirSync, readFileSync } from 'node:fs'

/** The kernel counts user and system time in hundredths of a second on every architecture that Node runs on (USER_HZ). */
const TICKS_A_SECOND = 100

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    // The process or thread ended meanwhile, or there is no /proc.
    return undefined
  }
}

function children(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const lists = threads.map(thread => read(`/proc/${pid}/task/${thread}/children`) ?? '')
    return lists.flatMap(list => list.split(' ').filter(Boolean).map(Number))
  } catch {
    return []
  }
}

/** A process and all that descend from it, as far as they live: what a launcher or a master process starts counts too. */
export function processTree(pid: number): number[] {
  return [pid, ...children(pid).flatMap(processTree)]
}

/** CPU seconds, user and system, that these processes have used since they began; undefined where there is no /proc. */
export function cpuSeconds(pids: readonly number[]): number | undefined {
  let ticks: number | undefined
  for (const pid of pids) {
    const stat = read(`/proc/${pid}/stat`)
    if (stat === undefined) continue
    // The second field is a name in parentheses that may hold anything; utime and stime are the 12th and 13th after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    ticks = (ticks ?? 0) + Number(fields[11]) + Number(fields[12])
  }
  return ticks === undefined ? undefined : ticks / TICKS_A_SECOND
}

/** Resident memory of these processes together, in bytes; undefined where there is no /proc. */
export function residentBytes(pids: readonly number[]): number | undefined {
  let kib: number | undefined
  for (const pid of pids) {
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')
    if (resident) kib = (kib ?? 0) + Number(resident[1])
  }
  return kib === undefined ? undefined : kib * 1024
}
