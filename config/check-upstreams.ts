import { whyUnusable } from '../src/model/pem.ts'
import { checkBackoff, type Draft, whereWritten } from './draft.ts'
import { merge } from './fill.ts'
import { kindOf, valueAt } from './node.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import { type FilledUpstream, resolveTargets } from './resolve-upstream.ts'
import type { TlsConfig } from './types.ts'

/** Groups have targets, each of which is one; pauses grow; certificates can be used. */
export function checkUpstreams({ input, upstreams }: Draft, report: Report): void {
  const usable = new Map<string, string | undefined>()
  for (const [name, upstream] of upstreams) {
    const own: Path = ['upstreams', name]
    const written = valueAt(valueAt(input, 'upstreams'), name)
    if (kindOf(written) !== 'mapping') continue
    const where = (...keys: string[]): Path => whereWritten(input, own, written, ...keys)
    const targets = valueAt(written, 'targets') ?? valueAt(valueAt(input, 'defaults'), 'targets')
    if (targets === undefined && valueAt(written, 'discovery') === undefined) {
      report.add(own, 'has no targets; accepted: targets with at least one URL')
    } else if (Array.isArray(targets) && targets.length === 0) {
      report.add(where('targets'), 'is empty; accepted: at least one URL')
    }
    checkTargets(resolveTargets(upstream.targets), where('targets'), report)
    checkProtocol(upstream, where('targets'), report)
    checkBackoff(upstream.retry.backoff, where('retry', 'backoff'), report)
    checkTls(
      upstream.tls,
      merge(valueAt(valueAt(input, 'defaults'), 'tls'), valueAt(written, 'tls')),
      where('tls'),
      usable,
      report
    )
  }
}

function checkTargets(targets: ReturnType<typeof resolveTargets>, path: Path, report: Report): void {
  const urls = new Map<string, number>()
  const ids = new Map<string, number>()
  for (const [index, target] of targets.entries()) {
    if (target === undefined) continue
    const sameUrl = urls.get(target.url)
    const sameId = ids.get(target.id)
    if (sameUrl !== undefined) {
      report.add([...path, index], `targets[${sameUrl}] has the URL ${target.url} too; accepted: each URL once in a group`)
    } else if (sameId !== undefined) {
      report.add([...path, index], `targets[${sameId}] has the id ${target.id} too; accepted: an id of its own`)
    }
    if (sameUrl === undefined) urls.set(target.url, index)
    if (sameId === undefined) ids.set(target.id, index)
  }
}

/** HTTP/2 is agreed on within TLS, or spoken without it: each of the two names has the URLs for which it stands. */
function checkProtocol({ protocol, targets }: FilledUpstream, path: Path, report: Report): void {
  for (const [index, target] of resolveTargets(targets).entries()) {
    if (protocol === 'h2c' && target?.url.startsWith('https:'))
      report.add([...path, index], 'speaks TLS, and h2c is HTTP/2 without it; accepted: an http URL, or protocol: http2')
    if (protocol === 'http2' && target !== undefined && !target.url.startsWith('https:'))
      report.add([...path, index], 'speaks no TLS, within which http2 is agreed on; accepted: an https URL, or protocol: h2c')
  }
}

/** What the TLS library says is remembered for each set of texts: many groups may share one. */
function checkTls(tls: TlsConfig, written: unknown, path: Path, usable: Map<string, string | undefined>, report: Report): void {
  const { ca, cert, key } = textsOf(tls)
  const has = (name: string): boolean => valueAt(written, name) !== undefined
  if (has('cert') !== has('key')) {
    report.add(path, `has ${has('key') ? 'key without cert' : 'cert without key'}; accepted: both, or neither`)
    return
  }
  const refused = [ca, cert, key].filter(text => text !== undefined).length < ['ca', 'cert', 'key'].filter(has).length
  if (refused || (ca ?? cert) === undefined) return
  const texts = JSON.stringify([ca, cert, key])
  if (!usable.has(texts)) usable.set(texts, whyUnusable({ ca, cert, key }))
  const wrong = usable.get(texts)
  if (wrong !== undefined)
    report.add(path, `ca, cert or key cannot be used: ${wrong}; accepted: PEM of certificates and their key`)
}

const textsOf = ({ ca, cert, key }: TlsConfig) => ({ ca: ca?.pem, cert: cert?.pem, key: key?.pem })
