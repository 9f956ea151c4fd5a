// What the keeper of a vault may ask of it, as JSON: over the socket of a running server, or in the process of a command.
import { compact } from '../../canonical/compact.ts'
import { toGatewayError } from '../../canonical/errors.ts'
import type { VaultKept } from '../../exchange/facts/vault.ts'
import type { Tell } from '../../exchange/happening.ts'
import { keyFromText } from '../../vault/key-text.ts'
import { vaultProblem } from '../../vault/problem.ts'
import { STATES } from '../../vault/record.ts'
import { Secret } from '../../vault/secret.ts'
import type { SecretView, VaultKeeping } from '../../vault/vault.ts'
import { type Json, type JsonObject, ObjectReader } from '../../wire/json.ts'
import {
  type DeskOperation,
  type DeskRequest,
  failureJson,
  readKey,
  readRequest,
  readSlot,
} from './desk-words.ts'

type Work = (vault: VaultKeeping, args: ObjectReader) => Promise<Json>

/** What only looks. */
const LOOKS: ReadonlySet<DeskOperation> = new Set(['status', 'secret-list'])

/** Answers a request; a refusal is an answer too. What is done is told, and what is refused. */
export async function answerDesk(
  vault: VaultKeeping,
  request: Json,
  tell: Tell,
): Promise<JsonObject> {
  let asked: DeskRequest | undefined
  try {
    asked = readRequest(request)
    const result = await workAt(vault, asked)
    if (!LOOKS.has(asked.operation)) tell(keptOf(asked))
    return { ok: true, result }
  } catch (thrown) {
    const failure = failureJson(thrown)
    const refused = toGatewayError(thrown).code ?? 'failed'
    if (asked !== undefined) tell({ ...keptOf(asked), refused })
    return failure
  }
}

/** As `answerDesk`, for who is in the same process: throws where it is refused, after that was told. */
export async function toldWork(
  vault: VaultKeeping,
  asked: DeskRequest,
  tell: (fact: VaultKept) => Promise<void>,
): Promise<Json> {
  const isLook = LOOKS.has(asked.operation)
  try {
    const result = await workAt(vault, asked)
    if (!isLook) await tell(keptOf(asked))
    return result
  } catch (thrown) {
    const refused = toGatewayError(thrown).code ?? 'failed'
    if (!isLook && refused !== 'audit_failed') await tell({ ...keptOf(asked), refused })
    throw thrown
  }
}

function keptOf({ operation, args }: DeskRequest): VaultKept {
  const subject = args['id']
  return { type: 'vault-kept', operation, ...(typeof subject === 'string' ? { subject } : {}) }
}

function workAt(vault: VaultKeeping, { operation, args }: DeskRequest): Promise<Json> {
  return WORKS[operation](vault, new ObjectReader(args, 'args'))
}

const WORKS: Readonly<Record<DeskOperation, Work>> = {
  status: async (vault) => statusJson(vault),
  create: async (vault, args) => {
    const slots = args.items('slots')
    await vault.create(slots.map(({ value, path }) => readSlot(ObjectReader.of(value, path))))
    return statusJson(vault)
  },
  unlock: async (vault, args) => {
    await vault.unlock(readKeys(args), accepting(args))
    return statusJson(vault)
  },
  lock: async (vault) => {
    await vault.lock()
    return statusJson(vault)
  },
  'slot-add': async (vault, args) => ({ ...(await vault.addSlot(readSlot(args.object('slot')))) }),
  'slot-remove': async (vault, args) => {
    await vault.removeSlot(args.string('id'))
    return {}
  },
  'slot-replace': async (vault, args) => ({
    ...(await vault.replaceSlot(args.string('id'), readSlot(args.object('slot')))),
  }),
  'rotate-root': async (vault) => ({ generation: await vault.rotateRoot() }),
  check: async (vault) => ({ broken: await vault.check(), records: vault.status().records }),
  backup: async (vault, args) => {
    const slots = (args.optionalItems('slots') ?? []).map(({ value, path }) =>
      readSlot(ObjectReader.of(value, path)),
    )
    const ageKeys = (args.optionalStrings('age_keys') ?? []).flatMap(
      (text) => keyFromText(text) ?? [],
    )
    return { vault: await vault.backup({ slots, ageKeys }) }
  },
  restore: async (vault, args) => {
    await vault.restore(args.string('vault'), readKeys(args), accepting(args))
    return statusJson(vault)
  },
  'secret-put': async (vault, args) => {
    const state = args.optionalString('state') === 'pending' ? 'pending' : 'active'
    const view = await vault.put({
      id: args.string('id'),
      providerType: args.string('provider_type'),
      origin: args.string('origin'),
      secret: new Secret(args.string('secret')),
      state,
      ...compact({
        kind: args.optionalString('kind'),
        expiresAt: args.optionalString('expires_at'),
      }),
    })
    return secretJson(view)
  },
  'secret-state': async (vault, args) => {
    const state = STATES.find((known) => known === args.string('state'))
    if (state === undefined || state === 'pending') {
      throw vaultProblem('vault_unfit', 'A secret becomes active or retired.')
    }
    return secretJson(
      await vault.setState({ id: args.string('id'), version: args.number('version') }, state),
    )
  },
  'secret-remove': async (vault, args) => {
    await vault.remove({
      id: args.string('id'),
      ...compact({ version: args.optionalNumber('version') }),
    })
    return {}
  },
  'secret-list': async (vault) => ({ secrets: vault.list().map(secretJson) }),
  'secret-test': async (vault, args) => {
    const { view, secret } = revealed(vault, args)
    return { ...secretJson(view), length: secret.reveal().length }
  },
  // Who only reached the socket does not see a secret: a key of the vault is asked for again.
  'secret-reveal': async (vault, args) => {
    await vault.assertKey(readKeys(args))
    return { secret: revealed(vault, args).secret.reveal() }
  },
}

interface Revealed {
  readonly view: SecretView
  readonly secret: Secret
}

/** For its keeper, to whom it matters not for which address it is. */
function revealed(vault: VaultKeeping, args: ObjectReader): Revealed {
  const id = args.string('id')
  const wanted = args.optionalNumber('version')
  const view = vault
    .list(id)
    .findLast(({ version, state }) =>
      wanted === undefined ? state === 'active' : version === wanted,
    )
  if (view === undefined)
    throw vaultProblem('secret_unknown', `The vault has no secret "${id}" in use.`)
  const { providerType, origin, version } = view
  return { view, secret: vault.reveal(id, { providerType, origin, version }) }
}

function readKeys(args: ObjectReader): readonly ReturnType<typeof readKey>[] {
  return args.items('keys').map(({ value, path }) => readKey(ObjectReader.of(value, path)))
}

function accepting(args: ObjectReader): { readonly acceptRollback?: true } {
  return args.optionalBoolean('accept_rollback') === true ? { acceptRollback: true } : {}
}

function statusJson(vault: VaultKeeping): JsonObject {
  const { state, reason, vaultId, epoch, generation, writes, slots, records, refused } =
    vault.status()
  return compact({
    state,
    reason,
    vault_id: vaultId,
    epoch,
    generation,
    writes,
    records,
    refused,
    slots: slots.map(({ id, type, label, createdAt }) =>
      compact({ id, type, label, created_at: createdAt }),
    ),
  })
}

function secretJson(view: SecretView): JsonObject {
  return compact({
    id: view.id,
    version: view.version,
    kind: view.kind,
    state: view.state,
    provider_type: view.providerType,
    origin: view.origin,
    hint: view.hint,
    fingerprint: view.fingerprint,
    created_at: view.createdAt,
    changed_at: view.changedAt,
    expires_at: view.expiresAt,
    refused: view.isRefused ? true : undefined,
  })
}
