import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib'
import { comparedBytes, type HeardAnswer } from '../model/mirroring.ts'
import { differentPaths } from './difference.ts'
import type { IgnoredFields } from './ignored-fields.ts'

/** How two answers differ: never by their values, which may be secrets. */
export interface Difference {
  /** Of the first and of the copy, where they differ. */
  readonly status?: readonly [number, number]
  /** Where their bodies differ, `$` being the whole; not all of them where they are many. */
  readonly paths?: readonly string[]
}

/** `unknown` where one of two bodies is too long, or cannot be read, and the status alone does not tell. */
export type Comparing = 'same' | 'unknown' | Difference

/** Compares the status and, where one of the bodies is JSON, the bodies. Never rejects. */
export async function compareAnswers(original: HeardAnswer, copy: HeardAnswer, ignored: IgnoredFields): Promise<Comparing> {
  const status = original.status === copy.status ? {} : { status: [original.status, copy.status] as const }
  const paths = await bodyPaths(original, copy, ignored)
  if (paths !== undefined && paths.length > 0) return { ...status, paths }
  if ('status' in status) return status
  return paths === undefined ? 'unknown' : 'same'
}

/** Undefined where nobody can tell. */
async function bodyPaths(original: HeardAnswer, copy: HeardAnswer, ignored: IgnoredFields): Promise<string[] | undefined> {
  if (!isJson(original) && !isJson(copy)) return []
  if (isJson(original) !== isJson(copy)) return ['$']
  if (original.body === undefined || copy.body === undefined) return undefined
  if (original.coding === copy.coding && original.body.equals(copy.body)) return []
  const [one, other] = await Promise.all([plain(original.body, original.coding), plain(copy.body, copy.coding)])
  if (one === undefined || other === undefined) return undefined
  const [first, second] = [parsed(one), parsed(other)]
  if (first === undefined || second === undefined) return one.equals(other) ? [] : ['$']
  return differentPaths(first.value, second.value, ignored)
}

const isJson = ({ type }: HeardAnswer) => type !== undefined && /^application\/(?:[\w.+-]+\+)?json\b/i.test(type)

function parsed(body: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body.toString()) }
  } catch {
    return undefined
  }
}

const bounds = { maxOutputLength: comparedBytes }
const [gunzipped, inflated] = [promisify(gunzip), promisify(inflate)]
const [unbrotlied, unzstd] = [promisify(brotliDecompress), promisify(zstdDecompress)]
const decoders: ReadonlyMap<string, (body: Buffer) => Promise<Buffer>> = new Map([
  ['gzip', (body: Buffer) => gunzipped(body, bounds)],
  ['x-gzip', (body: Buffer) => gunzipped(body, bounds)],
  ['deflate', (body: Buffer) => inflated(body, bounds)],
  ['br', (body: Buffer) => unbrotlied(body, bounds)],
  ['zstd', (body: Buffer) => unzstd(body, bounds)]
])

/** What a body is before its coding; undefined where it is no such thing, or longer than what is compared. */
async function plain(body: Buffer, coding: string | undefined): Promise<Buffer | undefined> {
  const name = coding?.trim().toLowerCase() ?? ''
  if (name === '' || name === 'identity') return body
  try {
    return await decoders.get(name)?.(body)
  } catch {
    return undefined
  }
}
