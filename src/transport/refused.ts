import type { TLSSocket } from 'node:tls'

/** Why a connection did not come as far as HTTP, or was ended for what it did with HTTP/2: a bounded set, for metrics. */
export type ConnectionRefusal =
  | 'address'
  | 'proxy-untrusted'
  | 'proxy-malformed'
  | 'proxy-timeout'
  | 'proxy-unfinished'
  | 'tls-no-certificate'
  | 'tls-timeout'
  | 'tls-unfinished'
  | 'tls-version'
  | 'tls-cipher'
  | 'tls-protocol'
  | 'tls-plain'
  | 'tls-client-certificate'
  | 'tls-alert'
  | 'tls-malformed'
  | 'http2-timeout'
  | 'http2-malformed'
  | 'http2-flood'
  | 'http2-resets'

/** Why a handshake failed, by what Node says of it; `isEmpty`: there was no certificate to show. */
export function handshakeRefusal(
  { code = '' }: NodeJS.ErrnoException,
  { authorizationError }: TLSSocket,
  isEmpty: boolean
): ConnectionRefusal {
  // How OpenSSL says it for TLS 1.2 and for 1.3.
  if (isEmpty && /NO_SHARED_CIPHER|NO_SUITABLE_SIGNATURE_ALGORITHM/.test(code)) return 'tls-no-certificate'
  // Node itself ends the connection, and OpenSSL says of it what it knows.
  if (authorizationError) return 'tls-client-certificate'
  switch (code) {
    case 'ERR_TLS_HANDSHAKE_TIMEOUT':
      return 'tls-timeout'
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
    case 'ERR_SSL_VERSION_TOO_LOW':
      return 'tls-version'
    case 'ERR_SSL_NO_SHARED_CIPHER':
    case 'ERR_SSL_NO_SUITABLE_KEY_SHARE':
    case 'ERR_SSL_NO_SHARED_GROUPS':
      return 'tls-cipher'
    case 'ERR_SSL_NO_APPLICATION_PROTOCOL':
      return 'tls-protocol'
    case 'ERR_SSL_HTTP_REQUEST':
    case 'ERR_SSL_HTTPS_PROXY_REQUEST':
      return 'tls-plain'
    case 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE':
    case 'ERR_SSL_CERTIFICATE_VERIFY_FAILED':
      return 'tls-client-certificate'
    case 'ECONNRESET':
    case 'EPIPE':
      return 'tls-unfinished'
    default:
      return code.includes('_ALERT_') ? 'tls-alert' : 'tls-malformed'
  }
}
