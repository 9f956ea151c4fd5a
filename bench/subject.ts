// What is measured: a gateway in one setting, with the ways in which a call can go through it.
import type { Pace } from './words.ts'

/** `pass`: the client's own bytes may pass; `patch`: one key must change; `translate`: Chat Completions in, Messages upstream. */
type Kind = 'pass' | 'patch' | 'translate'

export interface Lane {
  readonly kind: Kind
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The model as this gateway's clients name it. */
  readonly model: (pace: Pace) => string
}

export interface Started {
  readonly lanes: readonly Lane[]
  /** The processes that the gateway consists of. */
  readonly pids: () => readonly number[]
  readonly stop: () => Promise<void>
}

export interface Upstream {
  readonly url: string
  readonly port: number
}

export interface Subject {
  readonly name: string
  /** `direct` is no gateway; `floor`: what others are measured by; ours; a peer. */
  readonly role: 'direct' | 'floor' | 'ours' | 'peer'
  /** Why it cannot be measured on this machine; undefined where it can. */
  readonly missing: () => Promise<string | undefined>
  readonly start: (upstream: Upstream) => Promise<Started>
}
