/** How far the share of a weighted backend may be off, and the number of requests: the tests' own. */
export const tolerance = 0.05
export const draws = 500

/** What is wrong with the shares that the backends -v1, -v2 and -v3 get: 70, 30 and 0 of 100. `draw` says who answered. */
export async function sharesOff(backend: string, draw: () => Promise<string | undefined>): Promise<string[]> {
  const counts = new Map<string, number>()
  for (let i = 0; i < draws; i++) {
    const pod = (await draw()) ?? ''
    counts.set(pod, (counts.get(pod) ?? 0) + 1)
  }
  return [0.7, 0.3, 0].flatMap((share, index) => {
    const pod = `${backend}-v${index + 1}-1`
    const got = (counts.get(pod) ?? 0) / draws
    return Math.abs(got - share) <= (share === 0 ? 0 : tolerance) ? [] : [`${pod} got ${got} of the requests, not ${share}`]
  })
}
