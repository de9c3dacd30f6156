import { certificateFile, isHttp2, type PeerPlace, targetsOf } from './place.ts'

const websocket = (host: string | undefined) => `proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Host ${host};
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout 1h;`

/** As its manual has it for each protocol, without limits on bodies; WebSocket servers are told their own host, which some insist on. */
export function writeNginx(place: PeerPlace): string {
  const { speaks, directory, tls, port } = place
  const { hosts, secure } = targetsOf(place)
  const certificate = tls && certificateFile(tls, directory)
  const location = {
    websocket: websocket(hosts[0]),
    // As the configuration of nginx that cache-tests brings along.
    cache: 'proxy_pass http://service; proxy_cache answers; proxy_cache_revalidate on;',
    http2: 'proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection "";',
    grpc: `grpc_pass ${secure ? 'grpcs' : 'grpc'}://service;`
  }[speaks]
  // As root it would give its worker to a user who may not read a temporary directory.
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
daemon off;
pid ${directory}/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off;
  client_max_body_size 0;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  ${speaks === 'cache' ? `proxy_cache_path ${directory}/cache levels=1:2 keys_zone=answers:8m max_size=1000m inactive=600m;` : ''}
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  upstream service { ${hosts.map(host => `server ${host};`).join(' ')} }
  server {
    listen 127.0.0.1:${port}${certificate ? ' ssl' : ''}${isHttp2(place) ? ' http2' : ''};
    ${certificate ? `ssl_certificate ${certificate}; ssl_certificate_key ${certificate};` : ''}
    location / {
      ${location}
    }
  }
}
`
}
