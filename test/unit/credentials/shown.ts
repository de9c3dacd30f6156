import type { CredentialRequest, Identification } from '../../../src/model/authenticator.ts'

/** A request that shows these headers. */
export const showing = (headers: CredentialRequest['headers'], more: Partial<CredentialRequest> = {}): CredentialRequest => ({
  method: 'GET',
  path: '/orders',
  search: '',
  host: 'api.example.com',
  ip: '192.0.2.7',
  headers,
  ...more
})

/** What came of it in one word: the name of the consumer in brackets, `absent`, or why it is refused. */
export function wordOf(identification: Identification): string {
  switch (identification.kind) {
    case 'consumer':
      return `(${identification.consumer.name})`
    case 'absent':
      return 'absent'
    case 'refused':
      return identification.reason
  }
}

export const basic = (pair: string | Uint8Array): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(pair).toString('base64')}`
})
