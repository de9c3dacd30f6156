import { available, describe } from '../config/accepts.ts'
import { createFiller } from '../config/fill.ts'
import { type Node, nodeOf } from '../config/node.ts'
import { GatewaySchema } from '../config/schema.ts'

interface Section {
  readonly title: string
  readonly node: Node
}

const intro = `# Configuration

<!-- Generated from the schema by npm run generate. -->

Read from \`gateway.yaml\`, then \`config/gateway.yaml\`, or the file named by \`-c\`: YAML, JSON, or TypeScript
(\`export default defineConfig({ ... })\`). \`evergate check\` prints every problem with its place.

- A duration is a number with a unit: \`250ms\`, \`5s\`, \`1m\`, \`2h\`, \`1d\`. A size is one too: \`512b\`, \`64kb\`, \`10mb\`, \`1gb\`; a kb is 1024 bytes.
- \`\${NAME}\` reads the environment, \`\${NAME:-default}\` with what is used when the variable is unset or empty; \`$\${\` stands for the characters
  themselves. Inside \`{ }\` and \`[ ]\` of YAML a reference stands in quotes.
- \`{ file: path }\` reads a secret from a file. Relative paths count from the configuration file.
- An unknown key is an error. A key that is *not available yet* is refused unless its value turns the feature off.
- In an editor, \`# yaml-language-server: $schema=./gateway.schema.json\` as the first line gives completion and checks.
`

/** What is used when a key is absent, as it would be written. */
const fill = createFiller((_node, written) => written)

/** The text of docs/configuration.md: one table for each mapping of the configuration. */
export function configurationPage(): string {
  return `${[intro, ...sectionsOf({ title: '', node: nodeOf(GatewaySchema) }).map(table)].join('\n')}`
}

/** A mapping and the mappings below it, in the order of the file. `defaults` repeats the keys of others. */
function sectionsOf(section: Section): Section[] {
  const below = Object.entries(section.node.properties ?? {}).flatMap(([key, property]) => {
    if (property.soon === true || (section.title === '' && key === 'defaults')) return []
    return mappingsIn(property, section.title === '' ? key : `${section.title}.${key}`)
  })
  return [section, ...below.flatMap(sectionsOf)]
}

function mappingsIn(node: Node, title: string): Section[] {
  if (node.anyOf) {
    const found = node.anyOf.flatMap(branch => mappingsIn(branch, title))
    return found.filter(({ node: each }, index) => found.findIndex(other => other.node.properties === each.properties) === index)
  }
  if (node.type === 'array' && node.items) return mappingsIn(node.items, `${title}[]`)
  if (node.type !== 'object') return []
  return node.properties ? [{ title, node }] : mappingsIn(node.additionalProperties ?? {}, `${title}.NAME`)
}

function table({ title, node }: Section): string {
  const rows = Object.entries(node.properties ?? {}).map(([key, property]) => {
    const required = node.required?.includes(key) ?? false
    return row(key, property, required)
  })
  const head = ['| key | accepted | default | what it does |', '| --- | --- | --- | --- |']
  return `${[`## ${title === '' ? 'The file' : `\`${title}\``}`, '', ...head, ...rows].join('\n')}\n`
}

function row(key: string, node: Node, required: boolean): string {
  const what = node.description ?? ''
  if (node.soon === true) return `| \`${key}\` | | | *Not available yet.* ${cell(what)} |`
  const soon = laterNames(node)
  const later = soon.length === 0 ? '' : ` *Not available yet:* ${soon.join(', ')}.`
  return `| \`${key}\` | ${cell(accepted(node))} | ${required ? '*required*' : defaultText(node)} | ${cell(what)}${later} |`
}

/** Like `describe`, but what has a table of its own or is told in the introduction is only named. */
function accepted(node: Node): string {
  if (node.anyOf) return [...new Set(node.anyOf.map(accepted))].join(', or ')
  if (node.reads === 'duration') return node.above === 0 ? 'a duration above 0' : 'a duration'
  if (node.reads === 'size') return 'a size'
  if (node.reads === 'address') return 'host:port, :port or port'
  if (node.type === 'object')
    return node.properties ? 'a mapping (see below)' : `names, each with ${accepted(node.additionalProperties ?? {})}`
  if (node.type !== 'array' || !node.items) return describe(node)
  const count =
    node.minItems === undefined ? '' : node.minItems === node.maxItems ? ` of ${node.minItems}` : ` of at least ${node.minItems}`
  return `a list${count}, each ${accepted(node.items)}`
}

function laterNames(node: Node): string[] {
  const own = (node.enum ?? []).filter(name => !available(node).includes(name))
  return [...own, ...(node.anyOf ?? []).flatMap(laterNames)]
}

function defaultText(node: Node): string {
  const value = node.type === 'object' && node.properties ? undefined : fill(node, undefined)
  return value === undefined ? '' : `\`${flow(value)}\``
}

/** A value as it is written inside braces in YAML. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const entries = Object.entries(value).map(([key, item]) => `${key}: ${flow(item)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('*.', '\\*.')
}
