import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A key as a client shows it, `ID.SECRET`, in its two parts. */
export interface ApiKey {
  readonly id: string
  readonly secret: string
}

/** Characters of the secret: 24 random bytes, 192 bits, in base64url. */
const secretBytes = 24
/** An ID begins with letters, so that no reader of YAML takes it for a number and no command line for an option. */
const idPrefix = 'eg'
const idBytes = 8

/** At least 22 characters of the secret: fewer cannot hold 128 bits. */
const form = /^([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_.-]{22,256})$/
const idForm = /^[A-Za-z0-9_-]{1,64}$/

/** Undefined for what is no key. A text of any length and with any characters may be asked about. */
export function parseApiKey(text: string): ApiKey | undefined {
  const [, id, secret] = form.exec(text) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secret }
}

export const isKeyId = (text: string): boolean => idForm.test(text)

/** A new key by the system's generator. */
export function newApiKey(): ApiKey {
  return { id: idPrefix + randomBytes(idBytes).toString('hex'), secret: randomBytes(secretBytes).toString('base64url') }
}

/**
 * What is stored of a secret. It is random and has 192 bits, so that nobody can try all of them, and one fast hash is enough; a
 * slow one on each request would let whoever sends many requests keep the gateway busy.
 */
export function digestOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer')
}

/** In a time that says nothing of how much of it is right. */
export const isSecret = (secret: string, digest: Buffer): boolean => timingSafeEqual(digestOf(secret), digest)

/** How a digest is written in a file: `sha256:` and 64 hexadecimal digits. */
export const digestText = (digest: Buffer): string => `sha256:${digest.toString('hex')}`

/** Undefined for what was not written so. */
export function readDigest(text: string): Buffer | undefined {
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(text) ?? []
  return hex === undefined ? undefined : Buffer.from(hex, 'hex')
}
