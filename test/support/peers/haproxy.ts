import { certificateFile, type PeerPlace, targetsOf } from './place.ts'

/**
 * As its manual has it for each protocol; a target that cannot be reached is left for another at once, and WebSocket servers are told
 * their own host, which some insist on.
 */
export function writeHaproxy(place: PeerPlace): string {
  const { speaks, directory, tls, port } = place
  const { hosts, secure } = targetsOf(place)
  const bind = [
    ...(tls ? [`ssl crt ${certificateFile(tls, directory)}`] : []),
    ...(speaks === 'websocket' ? [] : [tls ? 'alpn h2,http/1.1' : 'proto h2'])
  ]
  const server = [...(secure ? ['ssl verify none'] : []), ...(speaks === 'grpc' ? [secure ? 'alpn h2' : 'proto h2'] : [])]
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
${speaks === 'websocket' ? `  http-request set-header Host ${hosts[0]}` : ''}
backend service
${speaks === 'websocket' ? `  http-request set-header Host ${hosts[0]}` : ''}
${hosts.map((host, index) => `  server s${index} ${host} ${server.join(' ')}`).join('\n')}
`
}
