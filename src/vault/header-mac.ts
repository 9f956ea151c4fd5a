// What makes a header believable: a MAC under its newest root key.
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SignedHeader, VaultHeader } from './header.ts'
import { type RootKey, derive } from './root-key.ts'
import { headerJson } from './vault-json.ts'

export function signed(header: VaultHeader, root: RootKey): SignedHeader {
  return { ...header, mac: macOf(header, root) }
}

export function isSigned({ mac, ...header }: SignedHeader, root: RootKey): boolean {
  const expected = macOf(header, root)
  return mac.length === expected.length && timingSafeEqual(mac, expected)
}

/** What is read is written again, in one order, before it is compared. */
function macOf(header: VaultHeader, root: RootKey): Buffer {
  const key = derive(root.secret, { purpose: ['patchbay/v1/header', header.vaultId] })
  return createHmac('sha256', key)
    .update(JSON.stringify(headerJson(header)))
    .digest()
}
