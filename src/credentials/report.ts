import type { FileProblem } from './credential-file.ts'

/** What an operator should know of how credentials are looked up. Nothing here holds a credential. */
export type CredentialEvent =
  | { readonly kind: 'file-read'; readonly file: string; readonly keys: number; readonly users: number }
  /** What was read before stays in use. */
  | { readonly kind: 'file-refused'; readonly file: string; readonly why: string; readonly problem?: FileProblem }
  | { readonly kind: 'unreachable'; readonly url: string; readonly why: string }
  | { readonly kind: 'reachable'; readonly url: string }

export type Report = (event: CredentialEvent) => void
