import { nginxWith } from '../../../bench/macro/installed.ts'
import type { Candidate, Place } from '../candidate.ts'

/** No active checks in the open version; a server that failed twice within a second is left alone for a second. */
function serversOf({ upstreamPorts, limited }: Place): string {
  const limit = limited ? ' max_conns=4' : ''
  return upstreamPorts.map(port => `    server 127.0.0.1:${port} max_fails=2 fail_timeout=1s${limit};`).join('\n')
}

function configuration(place: Place): string {
  const { directory, port } = place
  return `worker_processes 1;
daemon off;
pid ${directory}/nginx.pid;
error_log stderr crit;
events { worker_connections 8192; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  keepalive_requests 1000000000;
  upstream service {
    zone service 256k;
    least_conn;
${serversOf(place)}
    keepalive 64;
    keepalive_requests 1000000000;
  }
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_connect_timeout 2s;
  proxy_read_timeout 3s;
  proxy_next_upstream error timeout invalid_header http_502 http_503 http_504;
  proxy_next_upstream_tries 3;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { proxy_pass http://service; }
  }
}
`
}

/** nginx with least_conn, passive health, three tries and, like the others, 3 s for a response. */
export const nginx: Candidate = { ...nginxWith(configuration), endsOn: 'SIGTERM', judged: false }
