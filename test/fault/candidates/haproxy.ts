import { haproxyWith } from '../../../bench/macro/installed.ts'
import type { Candidate, Place } from '../candidate.ts'

/** With a limit the rest waits in a queue, the important first. */
const priorityClasses = `  http-request set-priority-class int(-10) if { req.hdr(x-priority) critical }
  http-request set-priority-class int(10) if { req.hdr(x-priority) low }`

function configuration({ port, upstreamPorts, limited }: Place): string {
  const limit = limited ? ' maxconn 4' : ''
  const servers = upstreamPorts.map((each, index) => `  server s${index} 127.0.0.1:${each}${limit}`)
  return `global
  nbthread 1
  maxconn 8192
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 3s
  timeout check 1s
  timeout queue 100ms
  option redispatch 1
  retries 2
  retry-on conn-failure empty-response response-timeout junk-response 502 503 504
  http-reuse always
frontend clients
  bind 127.0.0.1:${port}
  default_backend service
backend service
  balance leastconn
  option httpchk GET /health
  http-request disable-l7-retry if METH_POST
${limited ? `${priorityClasses}\n` : ''}  default-server check inter 1s fall 2 rise 2 observe layer7 error-limit 10 on-error mark-down
${servers.join('\n')}
`
}

/** HAProxy with leastconn, active and passive checks, and layer-7 retries for everything but POST. */
export const haproxy: Candidate = { ...haproxyWith(configuration), endsOn: 'SIGTERM', judged: false }
