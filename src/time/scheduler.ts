import { type Clock, monotonicClock } from './clock.ts'

/** Takes back what was scheduled; harmless when it has happened. */
export type Cancel = () => void

/** Time for what happens on its own: the process's, or a simulation's. */
export interface Scheduler {
  readonly now: Clock
  /** Runs `task` once, after `ms` milliseconds. */
  after(ms: number, task: () => void): Cancel
}

/**
 * The process's time. What is scheduled does not keep the process alive. A process that was busy finds its timers due before it
 * has read what came in time: it reads first, and does what is due after.
 */
export const processScheduler: Scheduler = {
  now: monotonicClock,
  after(ms, task) {
    let immediate: NodeJS.Immediate | undefined
    const due = () => void (immediate = setImmediate(task))
    const timer = setTimeout(due, ms).unref()
    return () => {
      clearTimeout(timer)
      clearImmediate(immediate)
    }
  }
}

/** Virtual time: it stands still until `advance` is called, and then runs through everything that falls due, in order. */
export class VirtualScheduler implements Scheduler {
  #now = 0
  #order = 0
  readonly #tasks: { readonly at: number; readonly order: number; readonly task: () => void }[] = []

  readonly now = (): number => this.#now

  after(ms: number, task: () => void): Cancel {
    const entry = { at: this.#now + Math.max(0, ms), order: this.#order++, task }
    push(this.#tasks, entry)
    return () => {
      const index = this.#tasks.indexOf(entry)
      if (index >= 0) remove(this.#tasks, index)
    }
  }

  /** Runs until `ms` milliseconds later, or until nothing is left to do. */
  advance(ms: number): void {
    const end = this.#now + ms
    for (let first = this.#tasks[0]; first !== undefined && first.at <= end; first = this.#tasks[0]) {
      remove(this.#tasks, 0)
      this.#now = first.at
      first.task()
    }
    this.#now = end
  }
}

type Entry = { readonly at: number; readonly order: number }

const before = (one: Entry, other: Entry) => one.at < other.at || (one.at === other.at && one.order < other.order)

/** A binary heap in an array; indexes below are within it. */
function push<E extends Entry>(heap: E[], entry: E): void {
  heap.push(entry)
  rise(heap, heap.length - 1)
}

function remove<E extends Entry>(heap: E[], index: number): void {
  const last = heap.pop()
  if (last === undefined || index >= heap.length) return
  heap[index] = last
  rise(heap, index)
  sink(heap, index)
}

function rise<E extends Entry>(heap: E[], from: number): void {
  let index = from
  while (index > 0) {
    const parent = (index - 1) >> 1
    if (!before(heap[index]!, heap[parent]!)) return
    swap(heap, index, parent)
    index = parent
  }
}

function sink<E extends Entry>(heap: E[], from: number): void {
  let index = from
  for (;;) {
    let least = index
    for (const child of [2 * index + 1, 2 * index + 2])
      if (child < heap.length && before(heap[child]!, heap[least]!)) least = child
    if (least === index) return
    swap(heap, index, least)
    index = least
  }
}

function swap<E>(heap: E[], one: number, other: number): void {
  const kept = heap[one]!
  heap[one] = heap[other]!
  heap[other] = kept
}
