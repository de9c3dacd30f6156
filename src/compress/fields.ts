/** Vary with Accept-Encoding among its names; `before` is what it was, or nothing. */
export function varyByEncoding(before: string): string {
  if (/(?:^|,)\s*(?:accept-encoding|\*)\s*(?:,|$)/i.test(before)) return before
  return before.trim() === '' ? 'Accept-Encoding' : `${before}, Accept-Encoding`
}

/** Compressed the bytes are no longer those that a strong validator names (RFC 9110 section 8.8.3.3). */
export const weak = (etag: string) => (etag.startsWith('"') ? `W/${etag}` : etag)

/** Whether a client asks about the weak form of this strong validator: it has the compressed answer, and is told of that one. */
export const asksForWeak = (ifNoneMatch: string, etag: string) => etag.startsWith('"') && ifNoneMatch.includes(`W/${etag}`)
