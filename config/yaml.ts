import { LineCounter, parseDocument, type YAMLError } from 'yaml'
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
  const wrong = firstErrors([...document.errors, ...document.warnings])
  if (wrong.length > 0) {
    const problems = wrong.map(error => ({
      file,
      ...place(error.pos[0]),
      path: '',
      message: error.message + hint(text, error.pos[0])
    }))
    return { ok: false, problems }
  }
  try {
    const input: unknown = document.toJS({ maxAliasCount: MOST_ALIASES })
    return { ok: true, input, locate: createLocator(document, place) }
  } catch (error) {
    return { ok: false, problems: [{ file, path: '', message: error instanceof Error ? error.message : String(error) }] }
  }
}

/** What follows an error of the syntax is mostly its consequence; a key that is there twice has none. */
function firstErrors<E extends YAMLError>(errors: readonly E[]): E[] {
  const sorted = errors.toSorted((a, b) => a.pos[0] - b.pos[0])
  const broken = sorted.findIndex(error => error.name === 'YAMLParseError' && error.code !== 'DUPLICATE_KEY')
  return broken < 0 ? sorted : sorted.slice(0, broken + 1)
}

/** Inside braces and brackets YAML reads the brace of a reference as its own. */
function hint(text: string, offset: number): string {
  if (text.slice(offset - 1, offset + 1) !== '${') return ''
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the message shows the form
  return '; inside { } and [ ] a reference to the environment stands in quotes: "${NAME}"'
}
