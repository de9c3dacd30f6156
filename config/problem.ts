/** One thing that is wrong (or doubtful, as a warning), and where. Lines and columns count from 1. */
export interface Problem {
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** Such as `upstreams.orders.targets[1].url`; empty for the configuration as a whole. */
  readonly path: string
  /** What is wrong, what is accepted, and the nearest name where there is one. */
  readonly message: string
}

export interface Place {
  readonly line?: number
  readonly column?: number
}

export type Path = readonly (string | number)[]

/** Where a configuration came from; everything is optional, so that a plain object can be parsed. */
export interface Source {
  /** The file as the user named it, for messages. */
  readonly file?: string
  /** What relative paths count from; the working directory when absent. */
  readonly directory?: string
  /** What `${NAME}` reads; nothing when absent. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The place of the key or the value at a path, or of the nearest part of the path that is written. */
  locate?(path: Path, part: 'key' | 'value'): Place | undefined
}

/** `file:line:column  path  message`, without the parts that are not known. */
export function formatProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter(part => part !== undefined).join(':')
  return [place, problem.path, problem.message].filter(part => part !== '').join('  ')
}

/** `upstreams.orders.targets[1]`; names that would be misread stand in brackets. */
export function pathText(path: Path): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (/^[\w-]+$/.test(part)) text += text === '' ? part : `.${part}`
    else text += `[${JSON.stringify(part)}]`
  }
  return text
}
