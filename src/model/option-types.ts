import Type, { type TUnsafe } from 'typebox'

/** A duration as it is written: a number with a unit, or 0. Read as milliseconds. */
export type DurationText = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}` | 0

/** A size as it is written: a number with a unit, or 0. Read as bytes; kb is 1024 of them. */
export type SizeText = `${number}${'b' | 'kb' | 'mb' | 'gb'}` | 0

/** A secret as it is written: the text, or the file that holds it. */
export type SecretText = string | { file: string }

/** How a written text is read and checked; config/kinds.ts holds one reader for each. */
export type Reading =
  | 'duration'
  | 'age'
  | 'size'
  | 'address'
  | 'network'
  | 'origin'
  | 'url'
  | 'location'
  | 'host'
  | 'server-name'
  | 'web-origin'
  | 'prefix'
  | 'whole-path'
  | 'path'
  | 'method'
  | 'any-method'
  | 'header-name'
  | 'header-value'
  | 'changed-header'
  | 'name'
  | 'key'
  | 'limit-key'
  | 'text'
  | 'secret'
  | 'pem'
  | 'redis'
  | 'module'
  | 'hedge-delay'
  | 'json-field'
  | 'header-template'
  | 'query-template'
  | 'path-template'
  | 'media-type'

/**
 * What every option says of itself.
 * `soon` marks a feature that does not exist yet: a value that asks for it is refused, one that means off (or stands in `off`) passes.
 */
export interface Option {
  readonly description?: string
  readonly default?: unknown
  readonly soon?: true
  readonly off?: readonly unknown[]
}

/** A text that a reader of the given name checks and converts. */
export function Text<Written = string>(reads: Reading, option: Option = {}): TUnsafe<Written> {
  return Type.Unsafe<Written>({ reads, ...option })
}

/** Milliseconds; `above: 0` refuses zero where it would mean nothing. */
export function Duration(option: Option & { readonly above?: 0 }): TUnsafe<DurationText> {
  return Text<DurationText>('duration', option)
}

/** Milliseconds that somebody else remembers something for; of any length. */
export function Age(option: Option): TUnsafe<DurationText> {
  return Text<DurationText>('age', option)
}

/** Bytes. */
export function Size(option: Option): TUnsafe<SizeText> {
  return Text<SizeText>('size', option)
}

/** A part of a whole, 0..1. */
export function Share(option: Option): TUnsafe<number> {
  return Type.Unsafe<number>({ type: 'number', minimum: 0, maximum: 1, ...option })
}

/** A mapping with free keys; `keys` names the reader of the keys. */
export function Named<Value>(keys: Reading, value: TUnsafe<Value>, option: Option): TUnsafe<Record<string, Value>> {
  return Type.Unsafe<Record<string, Value>>({ type: 'object', keys, additionalProperties: value, ...option })
}

/** A feature that is known by name only. Its shape comes with the feature. */
export function Soon(description: string, off: readonly unknown[] = []): TUnsafe<unknown> {
  return Type.Unsafe<unknown>({ description, soon: true, off })
}

/** Whether the upstream gets what a client has shown. */
export const PassOn = Type.Optional(
  Type.Boolean({
    default: true,
    description: 'Whether the upstream gets a good credential as the client has sent it; false: it is taken out of the request.'
  })
)
