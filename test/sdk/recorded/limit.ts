// What a client library does not show of a recording, and why: a limit of the library, or of its host's spelling. Where none is declared, everything must be right.
import type { Case } from './judge.ts'

export interface Limit {
  /** Of a client's name. */
  readonly client: RegExp
  /** Of a case's name. */
  readonly recording: RegExp
  /** Of what is compared. */
  readonly what: RegExp
  readonly why: string
  /**
   * `passed`: only where the host's own bytes reach it; it would fail on the host itself as well, and printed anew (`pass_through: false`) it is right.
   * `own`: wherever host and client speak one protocol. `anywhere`: in a recording of any protocol.
   */
  readonly where: 'passed' | 'own' | 'anywhere'
}

export function limitOf(limits: readonly Limit[], at: Case, what: string): Limit | undefined {
  return limits.find(
    (limit) =>
      limit.client.test(at.kind.name) &&
      limit.recording.test(at.one.name) &&
      limit.what.test(what) &&
      isThere(limit, at),
  )
}

function isThere({ where }: Limit, { one, protocol, way }: Case): boolean {
  switch (where) {
    case 'passed':
      return one.protocol === protocol && way === 'passed'
    case 'own':
      return one.protocol === protocol
    case 'anywhere':
      return true
  }
}
