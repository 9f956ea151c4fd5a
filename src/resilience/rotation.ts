// Whose turn it is among the credentials of a provider.
import type { Credential, Rotation } from '../exchange/credential.ts'

export interface Turn {
  readonly rotation: Rotation
  /** Whom the turns are counted for, such as a provider. */
  readonly key: string
  readonly inFlight: (credential: Credential) => number
}

/** Remembers the turns: each credential gets its share, spread as evenly as can be. */
export class Turns {
  readonly #credits = new Map<string, Map<string, number>>()

  /** All of them, the one whose turn it is first. */
  order(credentials: readonly Credential[], turn: Turn): readonly Credential[] {
    // Who is alone pays what it earns.
    if (credentials.length < 2) return credentials
    switch (turn.rotation) {
      case 'priority':
        return credentials
      case 'least-in-flight':
        return credentials.toSorted(
          (a, b) => turn.inFlight(a) / a.weight - turn.inFlight(b) / b.weight,
        )
      case 'round-robin':
        return this.#inTurn(credentials, turn.key)
    }
  }

  /** Smooth weighted round robin, as nginx has it: everybody earns its weight, the richest is chosen and pays for all. */
  #inTurn(credentials: readonly Credential[], key: string): readonly Credential[] {
    const credits = this.#credits.get(key) ?? new Map<string, number>()
    this.#credits.set(key, credits)
    let total = 0
    for (const { label, weight } of credentials) {
      credits.set(label, (credits.get(label) ?? 0) + weight)
      total += weight
    }
    const ordered = credentials.toSorted(
      (a, b) => (credits.get(b.label) ?? 0) - (credits.get(a.label) ?? 0),
    )
    const [chosen] = ordered
    if (chosen !== undefined) credits.set(chosen.label, (credits.get(chosen.label) ?? 0) - total)
    return ordered
  }
}
