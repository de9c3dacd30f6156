import { type Candidate, type Place, prefixes } from '../candidate.ts'
import { haproxyWith } from '../installed.ts'

function configuration(place: Place): string {
  const rules = prefixes(place).map(prefix => `  use_backend upstream if { path_beg ${prefix}/ }`)
  return `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend clients
  bind 127.0.0.1:${place.port}
${rules.join('\n')}
backend upstream
  server one 127.0.0.1:${place.upstreamPorts[0]} pool-max-conn 128
`
}

/** HAProxy with one thread, reused upstream connections and no log. */
export const haproxy: Candidate = haproxyWith(configuration)
