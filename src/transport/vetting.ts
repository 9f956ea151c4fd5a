// Which addresses may be dialled: asked of each of them before every connection.
import { networkInterfaces } from 'node:os'
import { GatewayError } from '../canonical/errors.ts'
import {
  type AddressKind,
  type AddressRange,
  addressKind,
  isLoopbackAddress,
  isSameAddress,
  isWithin,
} from './address.ts'
import type { Reach } from './transport.ts'

/** What is asked of every address before a connection is made to it. */
export interface Vetting {
  readonly reach: Reach
  readonly protocol: string
  /** What the operator forbids besides. */
  readonly never?: readonly AddressRange[]
}

/** Throws unless every one of the addresses may be dialled. One bad address among good ones refuses all: that is how rebinding looks. */
export function vetAddresses(addresses: readonly string[], vetting: Vetting): void {
  for (const address of addresses) {
    const forbidden = vetting.never?.some((range) => isWithin(range, address)) === true
    const why = forbidden
      ? 'egress.never in patchbay.yaml lists it'
      : refusal(addressKind(address), vetting)
    if (why !== undefined) throw addressForbidden(`The address is refused: ${why}.`)
  }
}

export function addressForbidden(message: string): GatewayError {
  return new GatewayError('permission', message, { code: 'address_forbidden' })
}

export function ownAddress(): GatewayError {
  return new GatewayError('permission', 'The address is refused: it is this gateway itself.', {
    code: 'self_reference',
  })
}

/** Whether an address is one of this machine's own. */
export function isOwnMachine(address: string): boolean {
  if (isLoopbackAddress(address)) return true
  const own = Object.values(networkInterfaces()).flatMap((places = []) => places)
  return own.some((place) => isSameAddress(place.address, address))
}

function refusal(kind: AddressKind, vetting: Vetting): string | undefined {
  switch (kind) {
    case 'never':
      return 'it belongs to the metadata service of a cloud machine'
    case 'reserved':
      return 'it is in a reserved range'
    case 'private':
      return vetting.reach === 'private'
        ? undefined
        : 'it is private, and egress.allow in patchbay.yaml does not list it'
    case 'public':
      return vetting.protocol === 'https:'
        ? undefined
        : 'it is public and the URL is plain http; use https'
  }
}
