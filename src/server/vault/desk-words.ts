// What is said over the socket of the vault, as JSON: requests, keys and refusals.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { GivenKey } from '../../vault/given-key.ts'
import { keyFromText, keyText } from '../../vault/key-text.ts'
import type { PassphraseCost } from '../../vault/passphrase.ts'
import { vaultProblem } from '../../vault/problem.ts'
import { Secret } from '../../vault/secret.ts'
import { SLOT_TYPES } from '../../vault/slot-type.ts'
import type { SlotRequest } from '../../vault/vault.ts'
import { type Json, type JsonObject, ObjectReader } from '../../wire/json.ts'

const DESK_OPERATIONS = [
  'status',
  'create',
  'unlock',
  'lock',
  'slot-add',
  'slot-remove',
  'slot-replace',
  'rotate-root',
  'check',
  'backup',
  'restore',
  'secret-put',
  'secret-state',
  'secret-remove',
  'secret-list',
  'secret-test',
  'secret-reveal',
] as const
export type DeskOperation = (typeof DESK_OPERATIONS)[number]

export interface DeskRequest {
  readonly operation: DeskOperation
  readonly args: JsonObject
}

export function readRequest(json: Json): DeskRequest {
  const reader = ObjectReader.of(json, '')
  const name = reader.string('operation')
  const operation = DESK_OPERATIONS.find((known) => known === name)
  if (operation === undefined) throw vaultProblem('vault_unfit', `There is no operation "${name}".`)
  return { operation, args: reader.object('args').source }
}

export function keyJson(given: GivenKey): JsonObject {
  switch (given.form) {
    case 'bytes':
      return { form: 'bytes', key: keyText(given.bytes) }
    case 'age':
      return { form: 'age', key: keyText(given.identity) }
    case 'passphrase':
      return { form: 'passphrase', passphrase: given.passphrase.reveal() }
  }
}

export function readKey(reader: ObjectReader): GivenKey {
  const form = reader.string('form')
  if (form === 'passphrase') {
    return { form, passphrase: new Secret(reader.string('passphrase')) }
  }
  const key = keyFromText(reader.string('key'))
  if (key === undefined) throw vaultProblem('vault_unfit', 'A key has 32 bytes.')
  return form === 'age' ? { form, identity: key } : { form: 'bytes', bytes: key }
}

export function slotJson({ type, given, label, cost }: SlotRequest): JsonObject {
  return compact({
    type,
    key: keyJson(given),
    label,
    cost: cost === undefined ? undefined : { ...cost },
  })
}

export function readSlot(reader: ObjectReader): SlotRequest {
  const name = reader.string('type')
  const type = SLOT_TYPES.find((known) => known === name)
  if (type === undefined || type === 'age') {
    throw vaultProblem('vault_unfit', `There is no slot of type "${name}".`)
  }
  const cost = reader.optionalObject('cost')
  return {
    type,
    given: readKey(reader.object('key')),
    ...compact({
      label: reader.optionalString('label'),
      cost: cost === undefined ? undefined : readCost(cost),
    }),
  }
}

function readCost(reader: ObjectReader): PassphraseCost {
  return {
    memoryKib: reader.number('memoryKib'),
    passes: reader.number('passes'),
    lanes: reader.number('lanes'),
  }
}

interface DeskFailure {
  readonly ok: false
  readonly kind: string
  readonly code: string
  readonly message: string
}

export function failureJson(thrown: unknown): DeskFailure {
  const error = thrown instanceof GatewayError ? thrown : undefined
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return { ok: false, kind: error?.kind ?? 'internal', code: error?.code ?? 'internal', message }
}
