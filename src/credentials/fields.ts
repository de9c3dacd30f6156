/** A header's value as one text; undefined where it is not there. What Node gives as a list is joined, as it does itself. */
export function fieldOf(headers: Readonly<Record<string, string | string[] | undefined>>, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/**
 * What follows the scheme in Authorization (RFC 9110 section 11.6.2), in which case does not matter; undefined for another scheme
 * or none. Empty where nothing follows. `scheme` is in lower case.
 */
export function credentialsOf(authorization: string | undefined, scheme: string): string | undefined {
  if (authorization === undefined || authorization.length < scheme.length) return undefined
  if (authorization.slice(0, scheme.length).toLowerCase() !== scheme) return undefined
  const rest = authorization.slice(scheme.length)
  if (rest === '') return ''
  // Node has taken the space at the end of the field away.
  return rest.startsWith(' ') ? rest.replace(/^ +/, '') : undefined
}

/** A text as a quoted-string (RFC 9110 section 5.6.4). */
export const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
