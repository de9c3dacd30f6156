import type { Random } from '../time/random.ts'

const redraws = 8

/**
 * Weighted random draws in constant time: Walker's alias method as Vose builds it, "A linear algorithm for generating random
 * numbers with a given distribution", IEEE TSE 17(9), 1991. Each column holds a share of its own index, the rest is another's.
 */
export class AliasTable {
  readonly #keep: Float64Array
  readonly #alias: Uint32Array

  /** Weights are 0 or more, at least one of them above 0; where all are 0 every index is as likely. */
  constructor(weights: readonly number[]) {
    const count = weights.length
    const sum = weights.reduce((total, weight) => total + weight, 0)
    const scaled = weights.map(weight => (sum > 0 ? (weight * count) / sum : 1))
    this.#keep = new Float64Array(count).fill(1)
    this.#alias = Uint32Array.from({ length: count }, (_, index) => index)
    const small: number[] = []
    const large: number[] = []
    scaled.forEach((share, index) => {
      ;(share < 1 ? small : large).push(index)
    })
    while (small.length > 0 && large.length > 0) {
      // Both stacks were just seen to have an entry, and entries are indexes of `scaled`.
      const less = small.pop() as number
      const more = large.pop() as number
      this.#keep[less] = scaled[less] as number
      this.#alias[less] = more
      const left = (scaled[more] as number) + (scaled[less] as number) - 1
      scaled[more] = left
      ;(left < 1 ? small : large).push(more)
    }
  }

  /** An index, with the probability of its weight over the sum of all. One draw from `random`. */
  draw(random: Random): number {
    const point = random() * this.#keep.length
    const column = Math.floor(point)
    // The column is below the length, so both arrays have it.
    return point - column < (this.#keep[column] as number) ? column : (this.#alias[column] as number)
  }

  /** An index that is not `one`, by weight; where one weight outweighs all the others, any other. There are two or more. */
  drawAnother(one: number, random: Random): number {
    for (let i = 0; i < redraws; i++) {
      const other = this.draw(random)
      if (other !== one) return other
    }
    const count = this.#keep.length
    return (one + 1 + Math.floor(random() * (count - 1))) % count
  }
}

/** Keeps the table of each candidate list for as long as the list lives. */
export class AliasTables {
  readonly #tables = new WeakMap<readonly { readonly weight: number }[], AliasTable>()

  of(candidates: readonly { readonly weight: number }[]): AliasTable {
    let table = this.#tables.get(candidates)
    if (table === undefined) {
      table = new AliasTable(candidates.map(candidate => candidate.weight))
      this.#tables.set(candidates, table)
    }
    return table
  }
}
