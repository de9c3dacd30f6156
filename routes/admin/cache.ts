import type { FastifyInstance } from 'fastify'
import type { Purge } from '../../src/cache/purges.ts'
import { GatewayError } from '../../src/model/errors.ts'
import type { Registry } from '../../src/upstream/registry.ts'

export interface CacheOptions {
  readonly registry: Registry
  /** Forgets what is named, in every store. */
  readonly purge: (purge: Purge) => void
}

interface Asked {
  readonly upstream?: string
  readonly path?: string
  readonly prefix?: string
  readonly tags?: readonly string[]
  readonly all?: true
}

const text = { type: 'string', minLength: 1, maxLength: 8192 }
const path = { ...text, pattern: '^/' }
const schema = {
  body: {
    type: 'object',
    properties: {
      upstream: text,
      path,
      prefix: path,
      tags: { type: 'array', minItems: 1, maxItems: 1000, items: { ...text, maxLength: 256, pattern: '^\\S+$' } },
      all: { const: true }
    },
    additionalProperties: false
  }
}

const accepted =
  'Give one of path and prefix (each begins with /), tags (a list) and all (true); upstream beside it for one group.'

/** Lets operators have stored answers forgotten. */
export default async function cache(app: FastifyInstance, { registry, purge }: CacheOptions) {
  app.post<{ Body: Asked }>('/api/cache/purge', { schema, attachValidation: true }, async request => {
    const { body, ip, log, validationError } = request
    if (validationError !== undefined) throw new GatewayError('EG_BAD_REQUEST', accepted)
    const { upstream } = body
    if (upstream !== undefined && !registry.groups.some(({ group }) => group.name === upstream))
      throw new GatewayError('EG_NO_ROUTE', `There is no upstream ${upstream}.`)
    const purges = purgesOf(body)
    if (purges === undefined) throw new GatewayError('EG_BAD_REQUEST', accepted)
    for (const each of purges) purge(each)
    log.warn({ action: 'purge', ...body, who: ip }, 'operator')
    return { action: 'purge', ...body, who: ip }
  })
}

/** Exactly one kind is asked for. */
function purgesOf({ upstream, path, prefix, tags, all }: Asked): Purge[] | undefined {
  const kinds: Purge[][] = [
    path === undefined ? [] : [{ upstream, kind: 'path', value: path }],
    prefix === undefined ? [] : [{ upstream, kind: 'prefix', value: prefix }],
    (tags ?? []).map(tag => ({ upstream, kind: 'tag', value: tag })),
    all === undefined ? [] : [{ upstream, kind: 'all', value: '' }]
  ]
  const [asked = [], ...others] = kinds.filter(kind => kind.length > 0)
  return asked.length > 0 && others.length === 0 ? asked : undefined
}
