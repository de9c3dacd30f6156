import type { Target } from './target.ts'

/** What the active checks say of themselves. */
export interface HealthView {
  healthOf(target: Target): { readonly state: 'passing' | 'failing' | 'unchecked' | 'off'; readonly last: string | undefined }
  start(): void
  stop(): void
}
