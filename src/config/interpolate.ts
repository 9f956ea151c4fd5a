// `${NAME}` and `${NAME:-default}` in the texts of the configuration file; `$${` stands for `${` itself.

export interface Interpolated {
  readonly text: string
  /** What could not be replaced; names variables, never their values. */
  readonly problems: readonly string[]
}

const REFERENCE = /\$\$\{|\$\{([^}]*)\}?/g
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** An empty variable counts as missing, as in a shell's `:-`. */
export function interpolate(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Interpolated {
  const problems: string[] = []
  const replaced = text.replaceAll(REFERENCE, (whole: string, inside: string | undefined) => {
    if (inside === undefined) return '${'
    if (!whole.endsWith('}')) {
      problems.push('has a ${ that is never closed; write $${ for the two characters themselves')
      return ''
    }
    const [name = '', fallback] = splitOnce(inside, ':-')
    if (!NAME.test(name)) {
      problems.push('has a ${...} that is not the name of an environment variable')
      return ''
    }
    const value = env[name]
    if (value !== undefined && value !== '') return value
    if (fallback !== undefined) return fallback
    problems.push(
      `needs the environment variable ${name}, which is not set; set it, or write \${${name}:-} to go without`,
    )
    return ''
  })
  return { text: replaced, problems }
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)]
}
