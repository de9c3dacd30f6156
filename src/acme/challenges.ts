import type { AcmeStorage } from './storage.ts'

const prefix = '/.well-known/acme-challenge/'
/** A token is of base64url (RFC 8555 section 8.3): it can be no path. */
const tokenPattern = /^[\w-]{16,128}$/
/** So many questions are looked up in storages at once: authorities ask a few, and whoever asks more is not helped. */
const mostLookups = 8

/** Where an order puts what proves that its names lead here. */
export interface ProofBoard {
  put(token: string, text: string): Promise<void>
  remove(token: string): Promise<void>
}

/** Answers the authority's questions about orders that run: those of this gateway, and of those that share a storage with it. */
export class Challenges {
  readonly #own = new Map<string, string>()
  readonly #storages: readonly AcmeStorage[]
  #lookups = 0

  constructor(storages: readonly AcmeStorage[]) {
    this.#storages = storages
  }

  /** For the orders that use this storage. */
  board(storage: AcmeStorage): ProofBoard {
    return {
      put: async (token, text) => {
        if (!tokenPattern.test(token)) throw new Error('the authority asks for a token that is none')
        this.#own.set(token, text)
        await storage.writeProof(token, text)
      },
      remove: async token => {
        this.#own.delete(token)
        await storage.removeProof(token)
      }
    }
  }

  /**
   * What to answer to a GET or HEAD of a target; undefined: it is not the path of a challenge. A promise of undefined: no order
   * that runs has this token. Never rejects.
   */
  answer(method: string | undefined, target: string | undefined): Promise<string | undefined> | undefined {
    if (target === undefined || !target.startsWith(prefix)) return undefined
    const token = target.slice(prefix.length)
    if ((method !== 'GET' && method !== 'HEAD') || !tokenPattern.test(token)) return undefined
    const own = this.#own.get(token)
    return own === undefined ? this.#lookUp(token) : Promise.resolve(own)
  }

  async #lookUp(token: string): Promise<string | undefined> {
    if (this.#lookups >= mostLookups) return undefined
    this.#lookups++
    try {
      for (const storage of this.#storages) {
        const text = await storage.readProof(token).catch(() => undefined)
        if (text !== undefined) return text
      }
      return undefined
    } finally {
      this.#lookups--
    }
  }
}
