import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from './candidate.ts'
import { onPath } from './on-path.ts'

/** A program of the machine that reads its configuration from a file. */
export interface Installed<Place> {
  readonly name: string
  readonly missing: () => string | undefined
  readonly command: (place: Place) => Command
}

function installed<Place extends { readonly directory: string }>(
  name: string,
  configuration: (place: Place) => string,
  argsFor: (file: string, directory: string) => string[]
): Installed<Place> {
  const program = name.toLowerCase()
  return {
    name,
    missing: () => (onPath(program) ? undefined : 'not installed'),
    command: place => {
      const file = join(place.directory, `${program}.conf`)
      writeFileSync(file, configuration(place))
      return { file: onPath(program) ?? program, args: argsFor(file, place.directory) }
    }
  }
}

export const nginxWith = <Place extends { readonly directory: string }>(configuration: (place: Place) => string) =>
  installed('nginx', configuration, (file, directory) => ['-p', directory, '-c', file])

export const haproxyWith = <Place extends { readonly directory: string }>(configuration: (place: Place) => string) =>
  installed('HAProxy', configuration, file => ['-db', '-f', file])
