import { type Pem, type PemFollower, type TlsTexts, whyUnusable } from '../model/pem.ts'

/** How to prove and check identity, as a configuration says it. */
export interface TlsTerms {
  readonly verify: boolean
  readonly ca?: Pem
  readonly cert?: Pem
  readonly key?: Pem
  readonly servername?: string
}

const names = ['ca', 'cert', 'key'] as const

/** The texts as they are now. Files that cannot be used together leave the old ones in use. */
export function liveTls({ verify, servername, ...terms }: TlsTerms, files: PemFollower): TlsTexts {
  const present = names.filter(name => terms[name] !== undefined)
  const pems = present.flatMap(name => terms[name] ?? [])
  const texts: { [Name in (typeof names)[number]]?: string | undefined } = {}
  const take = (all: readonly string[]) => {
    for (const [index, name] of present.entries()) texts[name] = all[index]
  }
  take(pems.map(({ pem }) => pem))
  files.follow(pems, all => {
    const next = Object.fromEntries(present.map((name, index) => [name, all[index]]))
    const wrong = whyUnusable(next)
    if (wrong !== undefined) throw new Error(wrong)
    take(all)
  })
  const live = { verify, ...(servername === undefined ? {} : { servername }) }
  for (const name of present) Object.defineProperty(live, name, { enumerable: true, get: () => texts[name] })
  return live
}
