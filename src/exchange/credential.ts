// What may be known of a provider's credentials outside of it: their labels, never their keys.

/** How the credential of a call is chosen among those of its provider. */
export const ROTATIONS = ['round-robin', 'least-in-flight', 'priority'] as const
export type Rotation = (typeof ROTATIONS)[number]

export interface Credential {
  /** Public: in trails, health and metrics. */
  readonly label: string
  /** Its share of the calls. */
  readonly weight: number
  /** How many keys it has had, this one too. */
  readonly generation: number
}

/** The credentials of one provider. */
export interface CredentialSet {
  readonly rotation: Rotation
  /** In the order of the configuration; at least one. */
  readonly credentials: readonly Credential[]
}
