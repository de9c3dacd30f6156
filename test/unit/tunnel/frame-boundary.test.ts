import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { seededRandom } from '../../../src/time/random.ts'
import { FrameBoundary } from '../../../src/tunnel/frame-boundary.ts'

/** A frame of so many bytes, in the shortest form unless a longer one is asked for. */
function frame(length: number, { masked = false, form = length < 126 ? 7 : length < 65_536 ? 16 : 64 } = {}): Buffer {
  const head = [0x82, (masked ? 0x80 : 0) | (form === 7 ? length : form === 16 ? 126 : 127)]
  if (form === 16) head.push(length >> 8, length & 255)
  if (form === 64) head.push(0, 0, 0, 0, (length >> 24) & 255, (length >> 16) & 255, (length >> 8) & 255, length & 255)
  if (masked) head.push(1, 2, 3, 4)
  return Buffer.concat([Buffer.from(head), Buffer.alloc(length, 0x81)])
}

describe('the boundary of frames', () => {
  test('is there before anything came, and after each whole frame', () => {
    const frames = new FrameBoundary()
    assert.equal(frames.isHere, true)
    frames.follow(frame(5))
    assert.equal(frames.isHere, true)
    frames.follow(frame(5).subarray(0, 3))
    assert.equal(frames.isHere, false)
  })

  test('is where the open frame ends, whatever follows it in the same bytes', () => {
    const frames = new FrameBoundary()
    const open = frame(300, { masked: true })
    frames.follow(open.subarray(0, 1))
    const rest = Buffer.concat([open.subarray(1), frame(4), frame(9).subarray(0, 6)])
    assert.equal(frames.follow(rest), open.length - 1)
    assert.equal(frames.isHere, false)
  })

  test('is where it is, however frames are cut into pieces', () => {
    const random = seededRandom(7)
    for (let round = 0; round < 200; round++) {
      const frames = Array.from({ length: 1 + Math.floor(random() * 5) }, () => {
        const length = Math.floor(random() * [3, 200, 70_000][Math.floor(random() * 3)]!)
        return frame(length, { masked: random() < 0.5, ...(random() < 0.2 && { form: 64 }) })
      })
      const ends = new Set([0])
      let total = 0
      for (const each of frames) ends.add((total += each.length))
      const bytes = Buffer.concat(frames)
      const boundary = new FrameBoundary()
      for (let at = 0; at < bytes.length; ) {
        const next = Math.min(bytes.length, at + 1 + Math.floor(random() * (random() < 0.5 ? 4 : 50_000)))
        const first = boundary.follow(bytes.subarray(at, next))
        const expected = [...ends].filter(end => end >= at && end <= next).sort((a, b) => a - b)[0] ?? next
        assert.equal(at + first, expected, `round ${round}: ${at} to ${next}`)
        assert.equal(boundary.isHere, ends.has(next), `round ${round} at ${next}`)
        at = next
      }
    }
  })
})
