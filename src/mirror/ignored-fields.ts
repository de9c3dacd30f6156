/** Where a field stands: its name or index, and what it stands in; undefined is the whole. */
export interface FieldPath {
  readonly step: string | number
  readonly parent: FieldPath | undefined
  /** How many steps it takes, itself included. */
  readonly depth: number
}

const stepsOf = (path: FieldPath | undefined): string[] => {
  const steps: string[] = []
  for (let each = path; each !== undefined; each = each.parent) steps.push(String(each.step))
  return steps.reverse()
}

/** Longer names, and what lies deeper, are cut: an answer decides how long they are. */
const longestName = 64
const deepestStep = 32

/** `$.items.0.price`; the whole is `$`. */
export function pathText(path: FieldPath | undefined): string {
  const steps = stepsOf(path)
  const shown = steps.slice(0, deepestStep).map(step => (step.length > longestName ? `${step.slice(0, longestName)}...` : step))
  return ['$', ...shown, ...(steps.length > deepestStep ? ['...'] : [])].join('.')
}

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
    return this.#paths.some(wanted => wanted.length === path.depth && isAt(path, wanted))
  }
}

function isAt(path: FieldPath, wanted: readonly string[]): boolean {
  const steps = stepsOf(path)
  return wanted.every((step, at) => step === '*' || step === steps[at])
}
