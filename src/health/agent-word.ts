/** What an agent has said of its target. What it never spoke of is absent. */
export interface AgentWord {
  /** Its weight relative to the configured one: 0.75 for `75%`. */
  readonly weightShare?: number
  /** The most requests that it wants at once. */
  readonly maxConcurrent?: number
  /** `drain` and `maint`: no new requests, until it says `ready`. */
  readonly mode?: 'ready' | 'drain' | 'maint'
  /** False from `down`, `fail` or `stopped` until it says `up`. */
  readonly up?: boolean
  /** What stood behind the # of `down`. */
  readonly reason?: string
}

/**
 * Reads the line of an agent as HAProxy does (configuration manual, agent-check): words with blanks or commas between, in any
 * case, and a reason behind a #. Unknown words are ignored, and of two that contradict each other the last counts.
 */
export function readAgentLine(line: string): AgentWord {
  const hash = line.indexOf('#')
  const words = (hash < 0 ? line : line.slice(0, hash)).toLowerCase().split(/[\s,]+/)
  const reason = hash < 0 ? '' : line.slice(hash + 1).trim()
  let word: AgentWord = {}
  for (const each of words) word = { ...word, ...readWord(each) }
  return word.up === false && reason !== '' ? { ...word, reason: printable(reason) } : word
}

function readWord(word: string): AgentWord {
  switch (word) {
    case 'ready':
    case 'drain':
    case 'maint':
      return { mode: word }
    case 'up':
      return { up: true }
    case 'down':
    case 'fail':
    case 'stopped':
      return { up: false }
    default:
      return readNumber(word)
  }
}

function readNumber(word: string): AgentWord {
  const percent = /^(\d{1,4})%$/.exec(word)
  if (percent !== null) return { weightShare: Number(percent[1]) / 100 }
  const most = /^maxconn:(\d{1,7})$/.exec(word)
  return most === null ? {} : { maxConcurrent: Number(most[1]) }
}

/** It is shown to operators: one line without control characters, cut where it is long. */
const printable = (text: string) => text.replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ').slice(0, 200)

/** What holds after a new line: what it does not speak of stays. */
export function heard(before: AgentWord, line: AgentWord): AgentWord {
  const { reason: _old, ...rest } = before
  return line.up === undefined ? { ...before, ...line } : { ...rest, ...line }
}

/** Why a target gets nothing by the word of its agent; undefined when it may. */
export function refusalOf({ mode, up, reason, weightShare }: AgentWord): string | undefined {
  if (mode === 'drain' || mode === 'maint') return `agent: ${mode}`
  if (up === false) return reason === undefined ? 'agent: down' : `agent: down, ${reason}`
  return weightShare === 0 ? 'agent: weight 0%' : undefined
}
