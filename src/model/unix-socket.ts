const scheme = 'unix:'

/** The path of the socket that a target's URL names (`unix:/run/app.sock`); undefined where the URL is another one. */
export const socketPathOf = (url: string): string | undefined => (url.startsWith(scheme) ? url.slice(scheme.length) : undefined)

/** What a request to a target is made of: who listens at a socket goes by the name of localhost, as with nginx. */
export const originOf = (url: string): string => (url.startsWith(scheme) ? 'http://localhost' : url)
