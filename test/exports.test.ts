import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as ownName from 'evergate'
import * as ownPlugin from 'evergate/plugin'
import * as ownTesting from 'evergate/testing'
import * as index from '../src/index.ts'
import * as plugin from '../src/plugin.ts'
import * as testing from '../src/testing.ts'

test('in a clone the package has, by its own name, what is in its source, and not a copy of it', () => {
  for (const [byName, source] of [
    [ownName, index],
    [ownPlugin, plugin],
    [ownTesting, testing]
  ]) {
    assert.deepEqual({ ...byName }, { ...source })
  }
})
