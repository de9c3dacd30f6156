/** What is spoken with a target: HTTP/1.1, HTTP/2 as ALPN agrees on it, or HTTP/2 by prior knowledge. */
export type UpstreamProtocol = 'http1' | 'http2' | 'h2c'
