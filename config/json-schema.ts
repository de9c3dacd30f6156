import { available } from './accepts.ts'
import { createFiller } from './fill.ts'
import { kinds } from './kinds.ts'
import { type Node, nodeOf } from './node.ts'
import { GatewaySchema } from './schema.ts'
import { UpstreamOptions } from './schema-upstream.ts'

type Json = Readonly<Record<string, unknown>>

/** A default as it would be written, with the defaults of the keys below it. */
const fill = createFiller((_node, written) => written)

const fromEnvironment = { type: 'string', pattern: '\\$\\{' }

/** The configuration as a JSON Schema (2020-12) for editors. Wherever a text is allowed, `${NAME}` is. */
export function jsonSchema(): Json {
  const root = nodeOf(GatewaySchema)
  const { properties, ...schema } = publish(root)
  const published = { ...Object(properties), defaults: publishDefaults(root.properties?.['defaults'] ?? {}) }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Evergate configuration',
    ...schema,
    properties: published
  }
}

/** The text of gateway.schema.json. */
export function jsonSchemaText(): string {
  return `${JSON.stringify(jsonSchema(), null, 2)}\n`
}

function publish(node: Node): Json {
  const about = {
    ...(node.description === undefined ? {} : { description: node.description }),
    ...(node.default === undefined || node.soon === true ? {} : { default: fill(node, undefined) })
  }
  if (node.soon === true) return { description: `Not available yet. ${node.description ?? ''}` }
  return { ...about, ...accepted(node) }
}

function accepted(node: Node): Json {
  if (node.anyOf) return { anyOf: node.anyOf.map(publish).flatMap(alternatives) }
  if (node.reads !== undefined) return scalar(kinds[node.reads].json)
  if (node.enum) return scalar({ enum: available(node) })
  switch (node.type) {
    case 'object':
      return mapping(node)
    case 'array':
      return { type: 'array', items: publish(node.items ?? {}), ...limits(node) }
    case undefined:
      return {}
    default:
      return node.const === undefined ? scalar({ type: node.type, ...limits(node) }) : { const: node.const }
  }
}

/** What is more than any text is also taken from the environment. */
function scalar(json: Json): Json {
  const all = alternatives(json)
  const anyText = all.some(one => one['type'] === 'string' && Object.keys(one).length === 1)
  if (anyText) return json
  return { anyOf: [...all, fromEnvironment] }
}

/** The parts of a choice, so that a choice of choices is one. */
function alternatives(json: Json): readonly Json[] {
  const parts = json['anyOf']
  return Array.isArray(parts) && Object.keys(json).length === 1 ? parts : [json]
}

function mapping(node: Node): Json {
  if (node.properties) {
    const properties = Object.entries(node.properties).map(([key, property]) => [key, publish(property)])
    const required = node.required?.length ? { required: node.required } : {}
    const oneOf = node.oneKeyOf === undefined ? {} : { oneOf: node.oneKeyOf.map(key => ({ required: [key] })) }
    return { type: 'object', properties: Object.fromEntries(properties), ...required, ...oneOf, additionalProperties: false }
  }
  const pattern = node.keys === undefined ? undefined : kinds[node.keys].json['pattern']
  return {
    type: 'object',
    ...(pattern === undefined ? {} : { propertyNames: { pattern } }),
    ...(node.additionalProperties ? { additionalProperties: publish(node.additionalProperties) } : {})
  }
}

function limits(node: Node): Json {
  const { minimum, maximum, exclusiveMinimum, minItems, maxItems } = node
  return Object.fromEntries(
    Object.entries({ minimum, maximum, exclusiveMinimum, minItems, maxItems }).filter(([, limit]) => limit !== undefined)
  )
}

/** The keys of defaults are those of a group and of a route; they are referred to, not repeated. */
function publishDefaults(node: Node): Json {
  const references = Object.keys(node.properties ?? {}).map(key => {
    const owner = Object.hasOwn(UpstreamOptions.properties, key) ? 'upstreams/additionalProperties' : 'routes/items'
    return [key, { $ref: `#/properties/${owner}/properties/${key}` }]
  })
  const properties = Object.fromEntries(references)
  return { description: node.description, default: {}, type: 'object', properties, additionalProperties: false }
}
