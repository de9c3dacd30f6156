import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** A password's hash by scrypt (RFC 7914): `N` is 2 to the power of `logN`. */
export interface PasswordHash {
  readonly logN: number
  readonly r: number
  readonly p: number
  readonly salt: Buffer
  readonly digest: Buffer
  /** As it is written. */
  readonly text: string
}

const run = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** What OWASP's password storage cheat sheet names for 32 MiB of memory: some 0.2 s of one core. */
const cost = { logN: 15, r: 8, p: 3 }
const digestBytes = 32
const saltBytes = 16
/** A hash that needs more memory than this is refused when the file is read. */
const mostMemoryBytes = 256 * 1024 * 1024

/** The PHC string format, as passlib writes it: `$scrypt$ln=15,r=8,p=3$SALT$DIGEST` in base64 without padding. */
const form = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/

/** Undefined for what is no such hash, or one that would need more than 256 MiB. */
export function readPasswordHash(text: string): PasswordHash | undefined {
  const [, ln = '', r = '', p = '', salt = '', digest = ''] = form.exec(text) ?? []
  const read = { logN: Number(ln), r: Number(r), p: Number(p) }
  if (read.logN < 1 || read.r < 1 || read.p < 1 || 128 * 2 ** read.logN * read.r > mostMemoryBytes) return undefined
  return { ...read, salt: Buffer.from(salt, 'base64'), digest: Buffer.from(digest, 'base64'), text }
}

/** The hash to store. `cost` is for tests. */
export async function hashPassword(password: string, { logN, r, p } = cost): Promise<string> {
  const salt = randomBytes(saltBytes)
  const digest = await derive(password, { logN, r, p, salt }, digestBytes)
  return `$scrypt$ln=${logN},r=${r},p=${p}$${unpadded(salt)}$${unpadded(digest)}`
}

/** Computed in Node's pool of threads. Rejects where there is no memory for it. */
export async function isPassword(password: string, stored: PasswordHash): Promise<boolean> {
  return timingSafeEqual(await derive(password, stored, stored.digest.length), stored.digest)
}

/** A hash that no password has, and that costs as much as the given one: what an unknown name is compared with. */
export function decoyHash(like: Pick<PasswordHash, 'logN' | 'r' | 'p'> = cost): PasswordHash {
  const { logN, r, p } = like
  return { logN, r, p, salt: randomBytes(saltBytes), digest: randomBytes(digestBytes), text: '' }
}

/** In Unicode's composed form: keyboards differ in how they send an accent (RFC 8265 section 4.2.1). */
function derive(password: string, hash: Omit<PasswordHash, 'digest' | 'text'>, bytes: number): Promise<Buffer> {
  const { logN, r, p, salt } = hash
  const N = 2 ** logN
  return run(password.normalize('NFC'), salt, bytes, { N, r, p, maxmem: 128 * r * (N + p + 2) + 1024 * 1024 })
}

const unpadded = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
