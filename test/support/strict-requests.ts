/** A request as a server reads it that forgives nothing. */
export interface StrictRequest {
  readonly line: string
  /** Names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly bodyBytes: number
}

const requestLine = /^[!#$%&'*+.^_`|~\w-]+ [\x21-\x22\x24-\x7e]+ HTTP\/1\.1$/
const field = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/
const chunkSize = /^([\dA-Fa-f]{1,8})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/

/**
 * Reads every request in the bytes of a connection (latin1) by RFC 9112 to the letter: lines end with CRLF, one Host, no length
 * beside chunks, chunks as they should be. Throws an Error that says what is wrong. The last one may be cut off.
 */
export function strictRequests(bytes: string): StrictRequest[] {
  const found: StrictRequest[] = []
  let rest = bytes
  for (;;) {
    const end = rest.indexOf('\r\n\r\n')
    if (end < 0) return found
    const [line = '', ...lines] = rest.slice(0, end).split('\r\n')
    if (!requestLine.test(line)) throw new Error(`the request line ${JSON.stringify(line)}`)
    const fields = lines.map((text): [string, string] => {
      const [, name, value] = field.exec(text) ?? []
      if (name === undefined || value === undefined) throw new Error(`the field ${JSON.stringify(text)}`)
      return [name.toLowerCase(), value]
    })
    rest = rest.slice(end + 4)
    const left = afterBody(fields, rest)
    if (left === undefined) return found
    found.push({ line, fields, bodyBytes: rest.length - left.length })
    rest = left
  }
}

/** What follows the body; undefined where the body is not here to its end. */
function afterBody(fields: readonly (readonly [string, string])[], rest: string): string | undefined {
  const all = (name: string) => fields.filter(([each]) => each === name).map(([, value]) => value)
  const [hosts, lengths, codings] = [all('host'), all('content-length'), all('transfer-encoding')]
  if (hosts.length !== 1 || hosts[0] === '') throw new Error(`Host is there ${hosts.length} times: ${hosts}`)
  if (lengths.length + codings.length > 1) throw new Error(`a length beside another one: ${lengths}, ${codings}`)
  const [coding] = codings
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') throw new Error(`the transfer coding ${coding}`)
  if (coding !== undefined) return afterChunks(rest)
  const [length = '0'] = lengths
  if (!/^\d+$/.test(length)) throw new Error(`the length ${length}`)
  return rest.length < Number(length) ? undefined : rest.slice(Number(length))
}

function afterChunks(bytes: string): string | undefined {
  let rest = bytes
  for (;;) {
    const end = rest.indexOf('\r\n')
    if (end < 0) return undefined
    const [, digits] = chunkSize.exec(rest.slice(0, end)) ?? []
    if (digits === undefined) throw new Error(`the chunk ${JSON.stringify(rest.slice(0, end))}`)
    rest = rest.slice(end + 2)
    const size = Number.parseInt(digits, 16)
    if (size === 0) return afterTrailers(rest)
    if (rest.length < size + 2) return undefined
    if (rest.slice(size, size + 2) !== '\r\n') throw new Error('a chunk that does not end where it says')
    rest = rest.slice(size + 2)
  }
}

function afterTrailers(bytes: string): string | undefined {
  if (bytes.startsWith('\r\n')) return bytes.slice(2)
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return undefined
  for (const text of bytes.slice(0, end).split('\r\n'))
    if (!field.test(text)) throw new Error(`the trailer ${JSON.stringify(text)}`)
  return bytes.slice(end + 4)
}
