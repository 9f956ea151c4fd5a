// patchbay keys recover: a new owner's key, for who has lost all of them and can write to the gateway's database.
import { randomBytes } from 'node:crypto'
import type { Pepper } from '../../access/pepper.ts'
import { compact } from '../../canonical/compact.ts'
import { loadConfig } from '../../config/load.ts'
import { openStore } from '../../server/open-store.ts'
import { KeyDesk } from '../../server/keys/key-desk.ts'
import { pepperOf } from '../../server/vault/derived-keys.ts'
import { openVault } from '../../server/vault/open-vault.ts'
import type { Vault } from '../../vault/vault.ts'
import type { SharedOptions } from '../options.ts'
import { type Terminal, print, printJson, say } from '../terminal.ts'

/** It runs beside the gateway or without it, as whoever may write there is the operator of the machine. */
export async function recover(terminal: Terminal, options: SharedOptions): Promise<void> {
  const { env, cwd } = terminal
  const { config: file } = options
  const config = await loadConfig({ env, cwd, ...compact({ file }) })
  const store = await openStore(config, { now: Date.now, tell: nothing })
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
    const desk = new KeyDesk({
      documents: store.documents,
      pepper: () => pepperIn(vault),
      now: Date.now,
      random: randomBytes,
      settings: () => config.keys ?? {},
    })
    const asked = { name: 'recovered owner', kind: 'admin', role: 'owner' } as const
    const { key, record } = await desk.create(asked, { keyId: 'recover', role: 'owner' })
    if (options.json === true) return printJson(terminal, { secret: key, id: record.id })
    print(terminal, key)
    say(
      terminal,
      `This is a new owner's key (${record.id}). It is shown now and never again. End those that were lost: patchbay keys list, patchbay keys revoke <id>`,
    )
  } finally {
    await store.close()
  }
}

/** Of a vault that is sealed here there is none: the key is then digested without it, until it is used. */
function pepperIn(vault: Vault): Pepper | undefined {
  return vault.isSealed ? undefined : pepperOf(vault)
}

function nothing(): void {}
