import { rmSync } from 'node:fs'

/** What was built before goes, so that a file that no longer exists is not published. */
rmSync(new URL('../dist/', import.meta.url), { recursive: true, force: true })
