import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cacheStores } from 'undici'
import { AnswerStore } from '../../../src/cache/answer-store.ts'
import type { StoredAnswer } from '../../../src/cache/entry.ts'
import { Flights } from '../../../src/cache/flights.ts'
import { Purges } from '../../../src/cache/purges.ts'
import { Visit } from '../../../src/cache/visit.ts'
import { seededRandom } from '../../../src/testing.ts'
import { asked, rules, now as start } from './asking.ts'

/** What an answer was made for, and what it says of itself. */
interface Made {
  readonly path: string
  readonly variant: string
  readonly language: string
  readonly authorized: boolean
  readonly control: string
  readonly vary: boolean
  readonly version: number
  /** When it was made, or confirmed last. */
  at: number
}

const controls = [
  'max-age=10',
  'max-age=10, must-revalidate',
  'max-age=5, stale-while-revalidate=10',
  'max-age=5, stale-if-error=20',
  's-maxage=8, max-age=1',
  'public, max-age=10',
  'private, max-age=10',
  'no-store, max-age=10',
  'no-cache',
  ''
]
const secondsOf = (control: string, name: string) => Number(new RegExp(`\\b${name}=(\\d+)`).exec(control)?.[1] ?? 0)

/** When an answer is given: without asking, because the upstream has failed, or has confirmed it. */
type When = 'unasked' | 'failed' | 'confirmed'

/** Why an answer must not be given for this request; undefined: it may. */
function wrong(made: Made, request: Made, ageMs: number, when: When): string | undefined {
  const { control } = made
  if (made.path !== request.path || made.variant !== request.variant) return 'it is for another address or identity'
  if (made.vary && made.language !== request.language) return 'it is for another language'
  if (/private|no-store/.test(control) || control === '') return 'it must not be kept'
  if (made.authorized && !/public|s-maxage|must-revalidate/.test(control)) return 'it was for a credential'
  if (when === 'confirmed') return undefined
  const fresh = secondsOf(control, 's-maxage') || secondsOf(control, 'max-age')
  const beyond = when === 'failed' ? secondsOf(control, 'stale-if-error') : secondsOf(control, 'stale-while-revalidate')
  return ageMs < (fresh + beyond) * 1000 ? undefined : `it is ${ageMs} ms old`
}

for (const seed of [1, 2, 3, 4, 5]) {
  test(`whatever is asked, answered and changed: no stored answer is given that must not be (seed ${seed})`, async t => {
    t.mock.timers.enable({ apis: ['Date'], now: start })
    const random = seededRandom(seed)
    const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item
    const backing = new cacheStores.MemoryCacheStore({ maxCount: 40 })
    const store = new AnswerStore({ backing, purges: new Purges(), purged: () => {}, broken: assert.fail })
    const parts = { store, flights: new Flights(), rules, wallClock: Date.now }
    const made: Made[] = []
    const versions = new Map<string, number>()
    const counts = { hit: 0, stale: 0, revalidated: 0, miss: 0, bypass: 0 }

    /** The answer with this number was given for a request: was that right? */
    const judge = ({ status, body }: StoredAnswer, request: Made, when: When) => {
      assert.equal(status, 200)
      const answer = made[Number(body?.toString())]
      assert.ok(answer !== undefined)
      assert.equal(wrong(answer, request, Date.now() - answer.at, when), undefined)
      assert.equal(answer.version, versions.get(answer.path) ?? 0, 'something has changed it since')
    }

    for (let step = 0; step < 3000; step++) {
      t.mock.timers.tick(Math.floor(random() * 2000))
      const path = pick(['/a', '/b', '/c'])
      const language = pick(['de', 'fr'])
      const authorized = random() < 0.2
      const variant = pick(['', 'ann'])
      const method = random() < 0.03 ? 'POST' : 'GET'
      const version = versions.get(path) ?? 0
      const vary = path !== '/c'
      const request: Made = { path, variant, language, authorized, control: pick(controls), vary, version, at: Date.now() }
      const headers = { 'accept-language': language, ...(authorized ? { authorization: 'x' } : {}) }
      const visit = new Visit(asked({ method, path, variant, headers }), parts)
      const looked = visit.look()
      if (looked.kind === 'answer') judge(looked.answer, request, 'unasked')
      else assert.equal(looked.kind, 'forward')
      if (looked.kind === 'forward' && random() < 0.15) {
        const instead = visit.failed()
        if (instead !== undefined) judge(instead, request, 'failed')
      } else if (looked.kind === 'forward') {
        // The tag of an answer is its number: the service knows which are as it would answer now.
        const known = made[Number(/"(\d+)"/.exec(String(visit.headers?.['if-none-match']))?.[1] ?? -1)]
        const same = known !== undefined && known.version === version && random() < 0.5
        const fields: Record<string, string> = { ...(vary ? { vary: 'accept-language' } : {}), 'cache-control': request.control }
        if (same) {
          fields['cache-control'] = known.control
          known.at = Date.now()
        } else {
          fields['etag'] = `"${made.length}"`
          if (method === 'GET') made.push(request)
        }
        if (method === 'POST') versions.set(path, version + 1)
        const taken = visit.answered(same ? 304 : 200, fields)
        if (taken.kind === 'instead') judge(taken.answer, request, 'confirmed')
        else if (taken.keep) visit.complete(Buffer.from(String(made.length - 1)))
      }
      visit.end()
      counts[visit.result]++
      await new Promise(resolve => setImmediate(resolve))
    }
    assert.equal(parts.flights.underWay, 0)
    for (const [result, count] of Object.entries(counts)) assert.ok(count > 20, `${result}: ${count}`)
  })
}
