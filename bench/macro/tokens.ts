import { generateKeyPairSync, sign } from 'node:crypto'

/** The key of an issuer, and tokens that it has signed by RS256. */
export type Issued = { readonly publicKey: string; readonly tokens: readonly string[] }

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

function issue(count: number): Issued {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const exp = Math.floor(Date.now() / 1000) + 86_400
  const tokens = Array.from({ length: count }, (_, index) => {
    const claims = { iss: 'https://id.test', aud: 'bench', sub: `user-${index}`, scope: 'orders:read orders:write', exp }
    const input = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`
    return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`
  })
  return { publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(), tokens }
}

let issued: Issued | undefined

/** The same 1,000 distinct tokens for everybody; made when first asked for, which takes a second. */
export function thousandTokens(): Issued {
  issued ??= issue(1000)
  return issued
}
