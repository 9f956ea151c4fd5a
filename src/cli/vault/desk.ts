// The vault as commands reach it: through the socket of the server that runs, else opened in this process.
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import { loadConfig } from '../../config/load.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import { vaultPlaces } from '../../config/vault-places.ts'
import { deedOf } from '../../server/admin/audit-desk.ts'
import { auditLog } from '../../server/open-audit.ts'
import { openStore } from '../../server/open-store.ts'
import { type DeskOperation, keyJson } from '../../server/vault/desk-words.ts'
import { keyPlaces } from '../../server/vault/key-places.ts'
import { chainKeysOf } from '../../server/vault/derived-keys.ts'
import { openVault } from '../../server/vault/open-vault.ts'
import { toldWork } from '../../server/vault/vault-desk.ts'
import { askLocally } from '../../transport/local-socket.ts'
import { findKey } from '../../vault/find-key.ts'
import type { GivenKey } from '../../vault/given-key.ts'
import { type Json, type JsonObject, ObjectReader } from '../../wire/json.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type Terminal, say } from '../terminal.ts'
import { askedKey, pipedKey } from './typed-key.ts'

export interface DeskOptions {
  readonly config?: string
  readonly vaultKeyFile?: string
  /** The key is on stdin. */
  readonly stdin?: true
  readonly acceptRollback?: true
  readonly json?: true
}

export interface Desk {
  readonly config: PatchbayConfig
  /** Whether a server runs and answers. */
  readonly isServed: boolean
  ask(operation: DeskOperation, args?: JsonObject): Promise<ObjectReader>
}

/** Opens it where that is needed: with what keys there are, else with what a person types. */
export async function withDesk<T>(
  terminal: Terminal,
  options: DeskOptions,
  work: (desk: Desk) => Promise<T>,
): Promise<T> {
  const config = await configOf(terminal, options)
  const { env } = terminal
  const { socket } = vaultPlaces(config, env)
  const status = await served(socket, 'status', {})
  if (status !== undefined) {
    const ask: Desk['ask'] = async (operation, args = {}) => {
      const answer = await served(socket, operation, args)
      if (answer !== undefined) return ObjectReader.of(answer, 'answer')
      throw new CommandFailure('The server has stopped meanwhile.', { code: EXIT.unavailable })
    }
    return work({ config, isServed: true, ask })
  }
  const store = await openStore(config, { now: Date.now, tell: nothing })
  const { database } = store
  try {
    const { vault } = await openVault({
      config,
      env,
      database: store.database,
      now: Date.now,
      after: () => nothing,
      tell: nothing,
      createsWithFound: false,
      execArgv: process.execArgv,
    })
    const log = auditLog(config, { database, now: Date.now, keys: chainKeysOf(vault) })
    const ask: Desk['ask'] = async (operation, args = {}) => {
      const answer = await toldWork(vault, { operation, args }, async (fact) => {
        const deed = deedOf(fact)
        if (deed !== undefined) await log.record(deed)
      })
      return ObjectReader.of(answer, 'answer')
    }
    return await work({ config, isServed: false, ask })
  } finally {
    await store.close()
  }
}

/** As withDesk, and the vault is open: asks a person for its key where none is here. */
export async function withOpenDesk<T>(
  terminal: Terminal,
  options: DeskOptions,
  work: (desk: Desk) => Promise<T>,
): Promise<T> {
  return withDesk(terminal, options, async (desk) => {
    const status = await desk.ask('status')
    if (status.string('state') === 'sealed') {
      if (desk.isServed) throw sealedServer()
      await unlock(terminal, desk, options)
    }
    return work(desk)
  })
}

export async function unlock(
  terminal: Terminal,
  desk: Desk,
  options: DeskOptions,
): Promise<ObjectReader> {
  const keys = await keysFor(terminal, desk.config, options)
  return desk.ask('unlock', {
    keys: keys.map(keyJson),
    ...compact({ accept_rollback: options.acceptRollback }),
  })
}

/** What is piped in; else the places that may have a key, and then whoever sits at the terminal. */
export async function keysFor(
  terminal: Terminal,
  config: PatchbayConfig,
  { stdin }: DeskOptions,
): Promise<readonly GivenKey[]> {
  if (stdin === true) return [await pipedKey(terminal)]
  const { env } = terminal
  const { found, unreachable } = await findKey(keyPlaces({ config, env, forget: nothing }))
  if (unreachable !== undefined) say(terminal, unreachable.message)
  if (found !== undefined) return [found.given]
  const typed = await askedKey(terminal, 'Passphrase or recovery code: ')
  if (typed !== undefined) return [typed]
  throw new CommandFailure('No key of the vault is here.', {
    code: EXIT.permission,
    next: 'Name its file with --vault-key-file, pipe it in with --stdin, or run this at a terminal.',
  })
}

async function configOf(terminal: Terminal, options: DeskOptions): Promise<PatchbayConfig> {
  const { env, cwd } = terminal
  const { config: file, vaultKeyFile: keyFile } = options
  const flags = keyFile === undefined ? {} : { vault: { keyFile } }
  return loadConfig({ env, cwd, flags, ...compact({ file }) })
}

/** Undefined where no server runs. */
async function served(
  socket: string,
  operation: DeskOperation,
  args: JsonObject,
): Promise<Json | undefined> {
  if (process.platform === 'win32') return undefined
  const answer = await askLocally(socket, { operation, args })
  if (answer === undefined) return undefined
  const reader = ObjectReader.of(answer, 'answer')
  if (reader.optionalBoolean('ok') === true) return reader.value('result')
  throw new GatewayError('internal', reader.string('message'), { code: reader.string('code') })
}

function sealedServer(): CommandFailure {
  return new CommandFailure('The vault of the running server is sealed.', {
    code: EXIT.permission,
    next: 'Open it first: patchbay vault unlock',
  })
}

function nothing(): void {}
