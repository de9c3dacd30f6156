import { certificateFile, isHttp2, type PeerPlace, targetsOf } from './place.ts'

/**
 * As its manual has it for each protocol; a target that cannot be reached is left for another at once, and WebSocket servers are told
 * their own host, which some insist on.
 */
export function writeHaproxy(place: PeerPlace): string {
  const { speaks, directory, tls, port } = place
  const { hosts, secure } = targetsOf(place)
  const bind = [
    ...(tls ? [`ssl crt ${certificateFile(tls, directory)}`] : []),
    ...(isHttp2(place) ? [tls ? 'alpn h2,http/1.1' : 'proto h2'] : [])
  ]
  const server = [...(secure ? ['ssl verify none'] : []), ...(speaks === 'grpc' ? [secure ? 'alpn h2' : 'proto h2'] : [])]
  const rules = {
    websocket: `  http-request set-header Host ${hosts[0]}`,
    cache: '  http-request cache-use answers\n  http-response cache-store answers',
    http2: '',
    grpc: ''
  }
  return `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  option redispatch 1
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
frontend clients
  bind 127.0.0.1:${port} ${bind.join(' ')}
  default_backend service
${speaks === 'cache' ? 'cache answers\n  total-max-size 64\n  max-age 86400\n  process-vary on' : ''}
backend service
${rules[speaks]}
${hosts.map((host, index) => `  server s${index} ${host} ${server.join(' ')}`).join('\n')}
`
}
