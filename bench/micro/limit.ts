/** The time of one decision of a rate limit in the local store. Run: node bench/micro/limit.ts */
import { columns } from '../../src/load/columns.ts'
import { limitAlgorithms, type RateLimit } from '../../src/model/rate-limit.ts'
import { LocalCounter } from '../../src/rate-limit/local-counter.ts'
import { alone, decideHere } from '../../src/rate-limit/local-store.ts'
import { UsageTable } from '../../src/rate-limit/usage-table.ts'
import { nanosecondsEach } from './measure.ts'

const many = 131_072
const keys = Array.from({ length: many }, (_, index) => `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`)

const limitOf = (algorithm: RateLimit['algorithm'], limit: number): RateLimit => ({
  name: 'ip',
  limit,
  windowMs: algorithm === 'concurrency' ? 0 : 60_000,
  algorithm,
  by: 'ip',
  legacyHeaders: false
})

/** Nanoseconds of a decision about requests of so many clients, a hundred of which come in a millisecond; `strangers` came before. */
function decisionTime(algorithm: RateLimit['algorithm'], limit: number, clients: number, strangers = 0): number {
  const rule = limitOf(algorithm, limit)
  const counter = new LocalCounter(rule, 'id', new UsageTable(rule, many, 'secret'))
  for (let index = 0; index < strangers; index++) decideHere([{ counter, key: `stranger-${index}` }], alone, 0)
  return nanosecondsEach(index => {
    const decision = decideHere([{ counter, key: keys[index % clients] ?? '' }], alone, index / 100)
    decision.release?.()
    return decision
  })
}

const rows = limitAlgorithms.map(algorithm =>
  [
    algorithm,
    decisionTime(algorithm, 1_000_000_000, 64),
    decisionTime(algorithm, 1, 64),
    decisionTime(algorithm, 1_000_000_000, 65_536),
    algorithm === 'concurrency' ? '-' : decisionTime(algorithm, 1, 64, many)
  ].map(cell => (typeof cell === 'number' ? cell.toFixed(0) : cell))
)
const head = ['algorithm', '64 clients', 'mostly refused', '65,536 clients', 'no place left']
console.log(`Node ${process.version}, nanoseconds, median of seven runs\n\nOne decision of a rate limit, in the local store\n`)
console.log(columns([head, ...rows], ['left', ...head.slice(1).map(() => 'right' as const)]))
