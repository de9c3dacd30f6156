/**
 * The share of the traffic that each tier gets, from the share of its targets that is well, lowest tier first: Envoy's priority
 * levels. A tier is worth `spill` times its share, at most all; each takes what the lower ones leave, and where all of them
 * together are worth less than everything they share it in proportion.
 */
export function tierLoads(wellShares: readonly number[], spill: number): number[] {
  let left = 1
  const loads = wellShares.map(share => {
    const load = Math.min(left, Math.min(1, spill * share))
    left -= load
    return load
  })
  const sum = 1 - left
  return sum > 0 && sum < 1 ? loads.map(load => load / sum) : loads
}
