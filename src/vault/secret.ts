// A value that must not be seen: it prints as [secret] wherever something prints it.

const MASK = '[secret]'

// What util.inspect and console look for; the symbol is registered, so no import is needed.
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** Holds a credential. Only `reveal()` gives it out, and only the code that writes an auth header calls that. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
    Object.defineProperty(this, INSPECT, { value: () => MASK })
  }

  /** The secret itself, for one header; never for a message, a log or a response. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return MASK
  }

  toJSON(): string {
    return MASK
  }
}

/** A string from a config file as a Secret; a Secret stays itself; blank counts as absent. */
export function toSecret(value: string | Secret | undefined): Secret | undefined {
  if (value === undefined || value instanceof Secret) return value
  return value.trim() === '' ? undefined : new Secret(value.trim())
}
