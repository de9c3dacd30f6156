/** Where the demo runs: URLs without a slash at the end. */
export type DemoAddresses = {
  readonly gateway: string
  readonly admin: string | undefined
  readonly services: readonly { readonly name: string; readonly pid: number; readonly url: string }[]
}

/** The page of text that `npm start` prints: what runs, and what to try. Ends with a line end. */
export function demoPage({ gateway, admin, services }: DemoAddresses): string {
  const habits: Record<string, string> = {
    steady: 'answers at once',
    slow: 'takes 100 to 300 ms for one request in ten',
    flaky: 'answers one request in five with 503'
  }
  const width = Math.max(...services.map(({ name }) => name.length))
  const lines = services.map(({ name, pid, url }) =>
    `  ${name.padEnd(width)}  ${url}  pid ${String(pid).padEnd(7)}  ${habits[name] ?? ''}`.trimEnd()
  )
  const victim = services[0]
  const operators =
    admin === undefined
      ? []
      : [
          '',
          'Look inside:',
          '',
          `  curl ${admin}/api/upstreams  every target: is it used, and why not`,
          `  curl ${admin}/metrics        what Prometheus reads`,
          `  npx evergate explain GET ${gateway}/shop/ --admin ${admin}`
        ]
  return [
    `Gateway    ${gateway}`,
    ...(admin === undefined ? [] : [`Admin      ${admin}`]),
    '',
    'Behind it three copies of a shop, none of them perfect:',
    '',
    ...lines,
    '',
    'Try:',
    '',
    `  curl ${gateway}/shop/`,
    `  curl -d 'hello' ${gateway}/shop/echo`,
    '',
    'See who answers:',
    '',
    `  for i in $(seq 10); do curl -s ${gateway}/shop/; done`,
    '',
    'Put load on it, and take a service away meanwhile. It comes back after 10 seconds. No request fails:',
    '',
    `  npx evergate bench ${gateway}/shop/ --duration 20s`,
    `  kill -9 ${victim?.pid ?? 'PID'}`,
    ...operators,
    '',
    'Ctrl-C ends everything.',
    ''
  ].join('\n')
}
