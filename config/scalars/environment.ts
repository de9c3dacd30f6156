export type Substituted = { readonly text: string; readonly whole: boolean } | { readonly wrong: string }

const reference = /\$(\$\{)|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?/g

/**
 * Puts the environment into a text: `${NAME}`, or `${NAME:-default}` where the variable is unset or empty; `$${` stands for `${`.
 * `whole` says that the text was one reference and nothing else.
 */
export function substitute(text: string, env: Readonly<Record<string, string | undefined>>): Substituted {
  let wrong: string | undefined
  const result = text.replace(reference, (found, escaped?: string, name?: string, fallback?: string) => {
    if (escaped !== undefined) return escaped
    if (name === undefined) {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the message shows the form
      wrong ??= '"${" begins no reference; accepted: ${NAME}, ${NAME:-default}, or $${ for the characters themselves'
      return found
    }
    const value = Object.hasOwn(env, name) ? env[name] : undefined
    if (fallback !== undefined) return value === undefined || value === '' ? fallback : value
    if (value === undefined) wrong ??= `the environment has no ${name}; set it, or write \${${name}:-default}`
    return value ?? ''
  })
  if (wrong !== undefined) return { wrong }
  return { text: result, whole: /^\$\{[^}]*\}$/.test(text) }
}

/** A text as the core rules of YAML 1.2 read it: a number or a boolean where it looks like one. */
export function retyped(text: string): string | number | boolean {
  if (/^(true|True|TRUE)$/.test(text)) return true
  if (/^(false|False|FALSE)$/.test(text)) return false
  if (/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(text)) return Number(text)
  if (/^0o[0-7]+$/.test(text) || /^0x[0-9a-fA-F]+$/.test(text)) return Number(text)
  return text
}
