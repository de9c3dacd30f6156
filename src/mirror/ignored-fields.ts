/** Where a field stands: its name or index, and what it stands in; undefined is the whole. */
export interface FieldPath {
  readonly step: string | number
  readonly parent: FieldPath | undefined
}

const stepsOf = (path: FieldPath | undefined): string[] => {
  const steps: string[] = []
  for (let each = path; each !== undefined; each = each.parent) steps.push(String(each.step))
  return steps.reverse()
}

/** Longer names are cut: an answer decides how long they are. */
const longestName = 64

/** `$.items.0.price`; the whole is `$`. */
export const pathText = (path: FieldPath | undefined): string =>
  ['$', ...stepsOf(path).map(step => (step.length > longestName ? `${step.slice(0, longestName)}...` : step))].join('.')

/** The fields of a JSON body that may differ: names, wherever they stand, and dotted paths from `$`, in which `*` is any step. */
export class IgnoredFields {
  readonly #names: ReadonlySet<string>
  readonly #paths: readonly (readonly string[])[]

  constructor(written: readonly string[]) {
    this.#names = new Set(written.filter(each => !each.startsWith('$.')))
    this.#paths = written.filter(each => each.startsWith('$.')).map(each => each.slice(2).split('.'))
  }

  has(path: FieldPath): boolean {
    if (typeof path.step === 'string' && this.#names.has(path.step)) return true
    if (this.#paths.length === 0) return false
    const steps = stepsOf(path)
    return this.#paths.some(
      wanted => wanted.length === steps.length && wanted.every((step, at) => step === '*' || step === steps[at])
    )
  }
}
