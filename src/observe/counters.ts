/** A counter for each combination of label values that has occurred. Labels must be bounded: never a path, never a client's word. */
export class Counters {
  readonly labels: readonly string[]
  readonly #root: Node = { count: 0, children: undefined }

  constructor(labels: readonly string[]) {
    this.labels = labels
  }

  /** One value for each label. A tree of maps is walked: joining the values to one key would cost five times as much. */
  add(first: string, second?: string, third?: string): void {
    let node = childOf(this.#root, first)
    if (second !== undefined) node = childOf(node, second)
    if (third !== undefined) node = childOf(node, third)
    node.count++
  }

  entries(): { readonly values: readonly string[]; readonly count: number }[] {
    return leavesOf(this.#root, [])
  }
}

interface Node {
  count: number
  children: Map<string, Node> | undefined
}

function childOf(node: Node, value: string): Node {
  node.children ??= new Map()
  let child = node.children.get(value)
  if (child === undefined) {
    child = { count: 0, children: undefined }
    node.children.set(value, child)
  }
  return child
}

function leavesOf({ count, children }: Node, values: readonly string[]): { values: readonly string[]; count: number }[] {
  if (children === undefined) return count === 0 ? [] : [{ values, count }]
  return [...children].flatMap(([value, child]) => leavesOf(child, [...values, value]))
}
