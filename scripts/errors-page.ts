import { errorTable } from '../src/model/errors.ts'

const intro = `# Errors

<!-- Generated from src/model/errors.ts by npm run generate. -->

What the gateway answers itself is \`application/problem+json\` (RFC 9457) with \`type\`, \`title\`, \`status\`, \`code\` and
\`requestId\`, and never an internal address, a stack or another library's message. The code is stable; the title is for people.
An answer of an upstream passes as it is, whatever its status, when no other attempt did better.

`

/** The text of docs/errors.md. */
export function errorsPage(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { status, title, fault, when }]) => `| ${status} | \`${code}\` | ${fault} | ${title} | ${when} |`
  )
  return `${intro}| status | code | whose fault | title | when |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`
}
