import { LineCounter, parseDocument } from 'yaml'
import { createLocator, type Locate } from './locate.ts'
import type { Place, Problem } from './problem.ts'

export type YamlText =
  | { readonly ok: true; readonly input: unknown; readonly locate: Locate }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** More uses of one anchor than this are taken for a file that was made to fill the memory. */
const MOST_ALIASES = 10_000

/** Reads YAML 1.2 or JSON, whose every key and value keeps its place. */
export function readYaml(text: string, file: string): YamlText {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, merge: true, prettyErrors: false, stringKeys: true })
  const place = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset)
    return { line, column: col }
  }
  const wrong = [...document.errors, ...document.warnings]
  if (wrong.length > 0) {
    return { ok: false, problems: wrong.map(error => ({ file, ...place(error.pos[0]), path: '', message: error.message })) }
  }
  try {
    const input: unknown = document.toJS({ maxAliasCount: MOST_ALIASES })
    return { ok: true, input, locate: createLocator(document, place) }
  } catch (error) {
    return { ok: false, problems: [{ file, path: '', message: error instanceof Error ? error.message : String(error) }] }
  }
}
