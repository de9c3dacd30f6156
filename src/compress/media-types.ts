/** A stream of events waits for nobody, and the messages of gRPC have a coding of their own. */
const never = /^(?:text\/event-stream|application\/grpc(?:[+-].*)?)$/

/** Tells whether a Content-Type, with or without parameters, is one of the given types, in which `*` stands for any text. */
export function typeMatcher(types: readonly string[]): (contentType: string) => boolean {
  const patterns = types.map(type => type.toLowerCase().split('*').map(escaped).join('[^/]*'))
  const any = new RegExp(`^(?:${patterns.join('|')})$`)
  return contentType => {
    const semicolon = contentType.indexOf(';')
    const type = (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase()
    return any.test(type) && !never.test(type)
  }
}

const escaped = (text: string) => text.replace(/[^\w/]/g, '\\$&')
