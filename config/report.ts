import { type Path, type Place, type Problem, pathText, type Source } from './problem.ts'

/** Collects problems with their places. The same one at the same path is told once. */
export interface Report {
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
  add(path: Path, message: string, part?: 'key' | 'value'): void
  warn(path: Path, message: string): void
  place(path: Path): Place
}

export function createReport(source: Source): Report {
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const told = new Set<string>()
  const place = (path: Path, part: 'key' | 'value' = 'value'): Place => source.locate?.(path, part) ?? {}
  const problem = (path: Path, message: string, part?: 'key' | 'value'): Problem => ({
    ...(source.file === undefined ? {} : { file: source.file }),
    ...place(path, part),
    path: pathText(path),
    message
  })
  return {
    problems,
    warnings,
    place,
    add(path, message, part) {
      const key = `${pathText(path)}\0${message}`
      if (told.has(key)) return
      told.add(key)
      problems.push(problem(path, message, part))
    },
    warn(path, message) {
      warnings.push(problem(path, message))
    }
  }
}

/** In the order of the file; those without a place keep theirs. */
export function inFileOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
}
