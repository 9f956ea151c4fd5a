// What is taken out of everything that a host answers, worked out once for a set of secrets.
import { SHORTEST, redactText } from './redact.ts'
import { redactedBytes } from './redacted-bytes.ts'

type Headers = Readonly<Record<string, string>>

export class Redaction {
  readonly #secrets: readonly string[]

  constructor(secrets: readonly string[]) {
    this.#secrets = secrets.filter(({ length }) => length >= SHORTEST)
  }

  text(text: string): string {
    return this.#isClean(text) ? text : redactText(text, this.#secrets)
  }

  /** The same headers where there is nothing to take out. */
  headers(headers: Headers): Headers {
    for (const name of Object.keys(headers)) {
      if (!this.#isClean(headers[name] ?? '')) return this.#redacted(headers)
    }
    return headers
  }

  /** The same source where there is nothing to look for. */
  bytes(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return redactedBytes(source, this.#secrets)
  }

  #isClean(text: string): boolean {
    for (const secret of this.#secrets) {
      if (text.length >= secret.length && text.includes(secret)) return false
    }
    return true
  }

  #redacted(headers: Headers): Headers {
    const clean = Object.entries(headers).map(([name, value]) => [name, this.text(value)])
    return Object.fromEntries(clean)
  }
}
