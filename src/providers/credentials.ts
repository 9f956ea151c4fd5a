// The keys of one provider by their public labels; replaced while calls are under way, which read them at the last moment.
import { compact } from '../canonical/compact.ts'
import { GatewayError } from '../canonical/errors.ts'
import type { Credential, CredentialSet } from '../exchange/credential.ts'
import { Redaction } from '../vault/redaction.ts'
import { type Secret, toSecret } from '../vault/secret.ts'
import type { CredentialConfig, ProviderConfig } from './provider-config.ts'

interface Held extends Credential {
  readonly key: Secret
}

export interface ReplacedCredential {
  readonly label: string
  readonly key: string | Secret
  /** Default: as before, or 1. */
  readonly weight?: number
}

const LABEL = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/
/** Keys that were replaced and may still come back in an answer that is under way. */
const FORMER = 20

export class Credentials {
  readonly #provider: string
  readonly #rotation: CredentialSet['rotation']
  /** Label to key, in order. */
  readonly #held = new Map<string, Held>()
  #former: readonly string[] = []
  #set: CredentialSet | undefined
  #redaction: Redaction | undefined

  /** Throws GatewayError invalid_request that names the field at fault. */
  constructor(config: ProviderConfig) {
    const { name, apiKey, apiKeys = [], keyRotation = 'round-robin' } = config
    this.#provider = name
    this.#rotation = keyRotation
    const single = toSecret(apiKey)
    const all: readonly CredentialConfig[] =
      single === undefined ? apiKeys : [{ key: single }, ...apiKeys]
    for (const [at, one] of all.entries()) {
      const field = single !== undefined && at === 0 ? 'apiKey' : 'apiKeys'
      const label = one.name ?? this.#freeLabel()
      if (this.#held.has(label)) {
        throw this.#invalid(`two credentials are called "${label}"`, field)
      }
      this.#put({ ...one, label }, field)
    }
  }

  /** Undefined where there are none. */
  get set(): CredentialSet | undefined {
    if (this.#held.size === 0) return undefined
    if (this.#set !== undefined) return this.#set
    const credentials = [...this.#held.values()].map(({ label, weight, generation }) => {
      return { label, weight, generation }
    })
    this.#set = { rotation: this.#rotation, credentials }
    return this.#set
  }

  /** The key behind a label as it is now; the first one where there is no such label (any more). Undefined where there is none at all. */
  key(label?: string): Secret | undefined {
    const held = label === undefined ? undefined : this.#held.get(label)
    return (held ?? this.#held.values().next().value)?.key
  }

  get labels(): readonly string[] {
    return [...this.#held.keys()]
  }

  /** Everything that must not be seen. */
  get secrets(): readonly string[] {
    return [...[...this.#held.values()].map(({ key }) => key.reveal()), ...this.#former]
  }

  /** Takes every one of them out of what a host answers. */
  get redaction(): Redaction {
    this.#redaction ??= new Redaction(this.secrets)
    return this.#redaction
  }

  /** As a config has them. */
  get configured(): readonly CredentialConfig[] {
    return [...this.#held.values()].map(({ label, key, weight }) => ({ name: label, key, weight }))
  }

  /** Gives a label another key, or adds one; from the next call on. */
  replace(replaced: ReplacedCredential): Credential {
    return this.#put(replaced, 'apiKey')
  }

  /** Throws where there is none of that label. */
  remove(label: string): void {
    const held = this.#held.get(label)
    if (held === undefined) throw this.#unknown(label)
    this.#held.delete(label)
    this.#forget(held)
    this.#changed()
  }

  assertKnown(label: string): void {
    if (!this.#held.has(label)) throw this.#unknown(label)
  }

  #put({ label, key, weight }: ReplacedCredential, field: string): Credential {
    const secret = toSecret(key)
    if (secret === undefined) throw this.#invalid('a credential needs a key', field)
    if (!/^[\x21-\x7e]+$/.test(secret.reveal())) {
      throw this.#invalid('the API key holds characters that no key has', field)
    }
    if (!LABEL.test(label)) {
      throw this.#invalid(
        'the name of a credential is 1 to 32 letters, digits, dots, dashes or underscores',
        field,
      )
    }
    if (weight !== undefined && !(Number.isFinite(weight) && weight > 0)) {
      throw this.#invalid('the weight of a credential must be above 0', field)
    }
    const before = this.#held.get(label)
    if (before !== undefined) this.#forget(before)
    const held = {
      label,
      key: secret,
      weight: weight ?? before?.weight ?? 1,
      generation: (before?.generation ?? 0) + 1,
    }
    this.#held.set(label, held)
    this.#changed()
    return { label, weight: held.weight, generation: held.generation }
  }

  #forget({ key }: Held): void {
    this.#former = [...this.#former, key.reveal()].slice(-FORMER)
  }

  /** What was worked out from those before. */
  #changed(): void {
    this.#set = undefined
    this.#redaction = undefined
  }

  #freeLabel(): string {
    let number = this.#held.size + 1
    while (this.#held.has(`k${number}`)) number += 1
    return `k${number}`
  }

  #invalid(what: string, param: string): GatewayError {
    return new GatewayError('invalid_request', `Provider "${this.#provider}": ${what}.`, {
      code: 'invalid_provider_config',
      param,
    })
  }

  #unknown(label: string): GatewayError {
    const known = this.labels.join(', ')
    return new GatewayError(
      'not_found',
      `Provider "${this.#provider}" has no credential "${label}". ${known === '' ? 'It has none.' : `Known: ${known}.`}`,
      compact({ code: 'credential_not_found', param: 'credential', origin: 'client' as const }),
    )
  }
}
