/** Whether a status is one of those that were listed. */
export type Statuses = (status: number) => boolean

const item = /^\s*([1-5]\d\d)(?:\s*-\s*([1-5]\d\d))?\s*$/

/** Reads `200-299,401`: statuses and ranges with both ends included. Undefined where it is nothing of the kind. */
export function readStatuses(written: string | number): Statuses | undefined {
  const ranges: (readonly [number, number])[] = []
  for (const part of String(written).split(',')) {
    const match = item.exec(part)
    if (match === null) return undefined
    const first = Number(match[1])
    const last = Number(match[2] ?? match[1])
    if (last < first) return undefined
    ranges.push([first, last])
  }
  return status => ranges.some(([first, last]) => first <= status && status <= last)
}
