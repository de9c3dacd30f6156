/** What a command reads and writes besides files. */
export interface Io {
  stdout(text: string): void
  stderr(text: string): void
  /** What is given to it; nothing where it is absent. */
  readonly stdin?: AsyncIterable<Uint8Array | string>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
}
