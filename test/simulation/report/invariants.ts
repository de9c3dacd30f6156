import { trouble } from '../scenarios/trouble.ts'
import type { Section } from './section.ts'

const count = 200

export function invariantsSection(): Section {
  const runs = Array.from({ length: count }, (_, index) => trouble(index + 1))
  const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)
  const requests = sum(runs.map(run => run.requests)).toLocaleString('en-US')
  const attempts = sum(runs.map(run => run.attempts)).toLocaleString('en-US')
  const broken = runs.filter(run => run.broken.length > 0).length
  return { charts: new Map(), markdown: markdown(requests, attempts, broken) }
}

const markdown = (requests: string, attempts: string, broken: number) => `## Rules that always hold

${count} gateways with random policies, in front of servers that refuse, hang, reset, break off and answer 503 at random, with clients
that leave and an operator who drains and ejects: ${requests} requests, ${attempts} attempts, seeds 1 to ${count}.
${broken === 0 ? 'In no run was one of these rules broken:' : `In ${broken} runs a rule was broken:`}

- a request ends exactly once, and in time; one whose client has left does not end at all
- every attempt begins, is judged and ends once; when all is over nothing is in flight or waiting anywhere
- retries of any 10 s are at most 30 and the budget's share of the requests of these 10 s; attempts at most as many as configured
- what was sent is not sent again where that could act twice
- who asks by Retry-After not to be asked for a while is left alone
- nobody is tried twice while another would admit the request, nor is a rival sent to somebody who was tried
- a target that is shut, by whatever gate, gets nothing but a breaker's probes; where all breakers are open one probe comes in 250 ms
- no more targets are ejected at a time than configured
- a higher tier gets requests only where the lower ones cannot take all, a fallback group only where the own has nobody
- once all is well every request succeeds, and nobody stays out for good
`
