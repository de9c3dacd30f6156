/** Header fields of a message: names in lower case. */
export type Fields = Readonly<Record<string, string | string[] | undefined>>

/** All lines of a field as one, as RFC 9110 section 5.3 allows for lists; undefined where there is none. */
export function combined(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/** The members of a list that has no quoted strings with commas, without the empty ones. */
export const membersOf = (list: string | undefined): string[] => (list ?? '').split(',').flatMap(member => member.trim() || [])

/** Milliseconds since 1970 of an HTTP date in any of its three forms (RFC 9110 section 5.6.7); undefined for anything else. */
export function httpDate(text: string | string[] | undefined): number | undefined {
  if (typeof text !== 'string') return undefined
  const { day, month = '', year, time } = forms.map(form => form.exec(text)?.groups).find(groups => groups !== undefined) ?? {}
  if (day === undefined || year === undefined) return undefined
  const ms = Date.parse(`${day.trim()} ${month} ${fourDigits(year)} ${time} GMT`)
  return Number.isNaN(ms) ? undefined : ms
}

/** A year of two digits is of this century, or one that HTTP was there in. */
const fourDigits = (year: string) => (year.length === 4 ? year : `${Number(year) < 70 ? 20 : 19}${year}`)

const month = '(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
const time = '(?<time>\\d\\d:\\d\\d:\\d\\d)'
const forms = [
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT$`),
  new RegExp(`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`)
]
