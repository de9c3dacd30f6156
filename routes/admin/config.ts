/** Names of keys, header fields among them, whose values say who somebody is. */
const secretKey =
  /token|secret|password|passwd|passphrase|credential|authorization|cookie|^key$|^cert$|^pem$|^keys$|private|api[-_]?key|hmac|bearer/i
const masked = '***'

/** The user and password of a URL, such as that of a store. */
const userInfo = /(\b[a-z][a-z\d+.-]*:\/\/)[^\s/@]*@/gi

/**
 * A configuration to look at: every text that is a secret, or stands anywhere under a name like one, is masked, and the user of a
 * URL wherever it stands. The path of a file that holds a secret is none.
 */
export function maskedConfig(value: unknown, isSecret = false): unknown {
  if (Array.isArray(value)) return value.map(each => maskedConfig(each, isSecret))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, maskedConfig(each, key !== 'file' && (isSecret || secretKey.test(key)))])
    )
  }
  if (typeof value !== 'string') return value
  return isSecret ? masked : value.replace(userInfo, `$1${masked}@`)
}

/** The same of names and their values. */
export const maskedPairs = (pairs: readonly (readonly [string, string])[]): [string, string][] =>
  pairs.map(([name, value]) => [name, secretKey.test(name) ? masked : value])
