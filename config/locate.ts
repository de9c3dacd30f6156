import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  visit,
  type YAMLMap
} from 'yaml'
import type { Path, Place } from './problem.ts'

export type Locate = (path: Path, part: 'key' | 'value') => Place | undefined

/**
 * Finds places in a YAML document: of the key or the value at a path, or of the deepest part of the path that is written.
 * Merge keys and aliases are followed, so a place may be that of the anchor.
 */
export function createLocator(document: Document, place: (offset: number) => Place): Locate {
  const pairsByKey = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>()
  let anchors: ReadonlyMap<Alias, Node> | undefined

  function follow(value: unknown): unknown {
    if (!isAlias(value)) return value
    anchors ??= findAnchors(document)
    return anchors.get(value)
  }

  function pairsOf(map: YAMLMap): ReadonlyMap<string, Pair> {
    const known = pairsByKey.get(map)
    if (known) return known
    const pairs = new Map<string, Pair>()
    pairsByKey.set(map, pairs)
    const own = map.items.filter(pair => keyOf(pair) !== '<<')
    const merged = map.items.filter(pair => keyOf(pair) === '<<').flatMap(pair => mergedPairs(pair.value))
    for (const pair of [...own, ...merged]) if (!pairs.has(keyOf(pair))) pairs.set(keyOf(pair), pair)
    return pairs
  }

  function mergedPairs(value: unknown): Pair[] {
    const node = follow(value)
    if (isSeq(node)) return node.items.flatMap(mergedPairs)
    return isMap(node) ? [...pairsOf(node).values()] : []
  }

  return (path, part) => {
    let node: unknown = document.contents
    let offset = startOf(node)
    for (const [depth, step] of path.entries()) {
      const at = follow(node)
      const pair = isMap(at) ? pairsOf(at).get(String(step)) : undefined
      const value: unknown = isSeq(at) && typeof step === 'number' ? at.items[step] : pair?.value
      if (pair === undefined && value === undefined) break
      const wantsKey = part === 'key' && depth === path.length - 1
      offset = (wantsKey ? startOf(pair?.key) : startOf(value)) ?? startOf(pair?.key) ?? offset
      node = value
    }
    return offset === undefined ? undefined : place(offset)
  }
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
}

/** Where a node begins; undefined for an empty value, whose key then stands for it. */
function startOf(node: unknown): number | undefined {
  const range = isNode(node) ? node.range : undefined
  return range && range[0] < range[1] ? range[0] : undefined
}

/** What each alias stands for: the last anchor of its name before it. */
function findAnchors(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>()
  const found = new Map<Alias, Node>()
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source)
        if (target) found.set(node, target)
      } else if (node.anchor !== undefined) anchors.set(node.anchor, node)
    }
  })
  return found
}
