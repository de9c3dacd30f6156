import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { finagleSection } from './report/finagle.ts'
import { hedgingSection } from './report/hedging.ts'
import { invariantsSection } from './report/invariants.ts'
import { metastableSection } from './report/metastable.ts'
import { prequalSection } from './report/prequal.ts'

/** Plays every scenario and writes docs/simulation.md with its plots. The same code and seeds give the same files. */

const docs = path.resolve(import.meta.dirname, '../../docs')

const introduction = `# Simulation

The gateway's own policies, as they run in it, in virtual time: groups put together from a configuration, gates, pickers, budgets,
breakers, ejection, hedging, limits and the forwarder itself. Only what is outside is simulated: clients, connections and servers. So a
minute takes a fraction of a second, every run can be repeated by its seed, and figures that others have published can be held
against these policies. \`npm run simulate\` writes this page; the tests in test/simulation hold the policies to it.
`

const sections = [finagleSection, metastableSection, hedgingSection, prequalSection, invariantsSection]

await mkdir(path.join(docs, 'simulation'), { recursive: true })
const parts = [introduction]
for (const section of sections) {
  const { markdown, charts } = section()
  parts.push(markdown)
  for (const [name, svg] of charts) await writeFile(path.join(docs, 'simulation', name), svg)
}
await writeFile(path.join(docs, 'simulation.md'), parts.join('\n'))
