import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { KubernetesObject } from './objects.ts'

/** The conformance tests of the Kubernetes Gateway API are not part of the project: manifests, and what is expected of them. */
export const corpus = path.resolve(
  process.env['EVERGATE_CORPORA'] ?? path.join(import.meta.dirname, '../../../../shared/corpora'),
  'gateway-api'
)

/** For the option of a test: why it is skipped, or false where the corpus is there. */
export const skipped: string | false = existsSync(path.join(corpus, 'expected-responses.json'))
  ? false
  : `needs ${corpus}, which is not part of a clone: EVERGATE_CORPORA names the directory of the test vectors`

/** The objects of the base and of these files, as `kubectl apply` would create them. */
export function objectsOf(files: readonly string[]): KubernetesObject[] {
  return ['base/manifests.yaml', ...files.map(file => file.replace(/^tests\//, 'manifests/'))].flatMap(file =>
    parseAllDocuments(readFileSync(path.join(corpus, file), 'utf8')).flatMap(document => {
      // The corpus holds objects of Kubernetes; what is read of them stands in objects.ts.
      const object = document.toJS() as KubernetesObject | null
      return object === null ? [] : [object]
    })
  )
}
