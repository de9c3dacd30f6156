/** Something in a manifest that no configuration of this gateway says. */
export class Unsupported extends Error {
  constructor(what: string) {
    super(`no configuration says: ${what}`)
  }
}
