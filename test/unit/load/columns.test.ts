import assert from 'node:assert/strict'
import { test } from 'node:test'
import { columns } from '../../../src/load/columns.ts'

test('columns are as wide as their widest cell and lines end without spaces', () => {
  const text = columns(
    [
      ['name', 'count'],
      ['a', '7'],
      ['longer', '1,000']
    ],
    ['left', 'right']
  )
  assert.equal(text, 'name    count\na           7\nlonger  1,000')
})

test('rows may be shorter than others', () => {
  assert.equal(columns([['a', 'b', 'c'], ['long']], ['left', 'left', 'left']), 'a     b  c\nlong')
})
