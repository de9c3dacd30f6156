const secretKey = /token|secret|password|passwd|credential|^key$|^cert$|private|api[-_]?key/i
const masked = '***'

/** A configuration to look at: every value that is a secret, or stands under a name like one, is masked. */
export function maskedConfig(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map(each => maskedConfig(each, name))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, maskedConfig(each, key)]))
  }
  return typeof value === 'string' && secretKey.test(name) ? masked : value
}
