import fastifyCors from '@fastify/cors'
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction, onRequestHookHandler } from 'fastify'
import type { CorsRules } from '../src/model/browser.ts'
import { everyMethod } from '../src/model/methods.ts'

type Hook = (this: FastifyInstance, request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction) => void

/** What @fastify/cors does for an origin that may use the route: to a preflight, and to anything else. */
export function speakerOf({ anyOrigin, methods, headers, exposed, credentials, maxAgeSeconds }: CorsRules) {
  const options = {
    origin: anyOrigin ? '*' : true,
    methods: [...methods],
    ...(headers === undefined ? {} : { allowedHeaders: [...headers] }),
    ...(exposed.length === 0 ? {} : { exposedHeaders: [...exposed] }),
    credentials,
    ...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds })
  }
  const preflight = methods.includes('*') ? hookForEach(options) : hookOf(options)
  return { preflight, actual: hookOf({ ...options, preflight: false }) }
}

/** Names the method that is asked for: with credentials `*` would be the name of a method (Fetch, section 3.3.5). */
function hookForEach(options: fastifyCors.FastifyCorsOptions): Hook {
  const hooks = new Map(everyMethod.map(method => [method, hookOf({ ...options, methods: [method] })]))
  const other = hookOf({ ...options, methods: [...everyMethod] })
  return function (request, reply, done) {
    const asked = String(request.headers['access-control-request-method'])
    ;(hooks.get(asked) ?? other).call(this, request, reply, done)
  }
}

/** The package adds one hook for all routes, and an OPTIONS route that is here already: its hook alone is taken. */
function hookOf(options: fastifyCors.FastifyCorsOptions): Hook {
  let taken: onRequestHookHandler | undefined
  const view = {
    decorateRequest() {},
    options() {},
    addHook(_name: string, hook: onRequestHookHandler) {
      taken = hook
    }
  }
  // It asks for no more than this of the app.
  fastifyCors(view as unknown as FastifyInstance, options, () => {})
  if (taken === undefined) throw new Error('@fastify/cors added no hook')
  return taken
}
