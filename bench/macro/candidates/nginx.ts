import { type Candidate, type Place, prefixes } from '../candidate.ts'
import { nginxWith } from '../installed.ts'

function configuration(place: Place): string {
  const locations = prefixes(place).map(prefix => `    location ${prefix}/ { proxy_pass http://upstream; }`)
  return `worker_processes 1;
daemon off;
pid ${place.directory}/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  client_max_body_size 0;
  client_body_temp_path ${place.directory}/body;
  proxy_temp_path ${place.directory}/proxy;
  fastcgi_temp_path ${place.directory}/fastcgi;
  uwsgi_temp_path ${place.directory}/uwsgi;
  scgi_temp_path ${place.directory}/scgi;
  keepalive_requests 1000000000;
  upstream upstream { server 127.0.0.1:${place.upstreamPorts[0]}; keepalive 128; keepalive_requests 1000000000; }
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_request_buffering off;
  proxy_max_temp_file_size 0;
  server {
    listen 127.0.0.1:${place.port} backlog=1024;
${locations.join('\n')}
  }
}
`
}

/** nginx with one worker, kept-alive upstream connections, no access log and nothing written to disk. */
export const nginx: Candidate = nginxWith(configuration)
