// What `patchbay serve` prints once it listens: where, who answers, the keys of the first start, how to ask.
import { compact } from '../../canonical/compact.ts'
import type { Json } from '../../wire/json.ts'
import type { Gateway } from '../../server/gateway.ts'
import { snippets } from '../../server/snippets.ts'
import { isEmbedded } from '../embedded.ts'

export interface BannerOptions {
  readonly gateway: Gateway
  /** Without a slash at the end. */
  readonly url: string
  /** Of the admin, where that has an address of its own. */
  readonly adminUrl?: string
  readonly dataDir: string
  readonly version: string
  /** Whether clients need no key for anything. */
  readonly open: boolean
}

/** The keys, when this start made them. They cannot be shown again. */
export function keysText({ gateway }: BannerOptions): string | undefined {
  const { adminToken, clientKey } = gateway.firstRun
  if (adminToken === undefined && clientKey === undefined) return undefined
  return [
    'Made for this installation, and shown only now:',
    ...(adminToken === undefined ? [] : [`  export PATCHBAY_ADMIN_TOKEN=${adminToken}`]),
    ...(clientKey === undefined ? [] : [`  export PATCHBAY_KEY=${clientKey}`]),
    '  The first governs this server, the second lets programs chat with every provider.',
    '  Keep them where you keep passwords; these lines in the profile of your shell also work.',
    '  Lost? patchbay keys recover makes another of the first, and patchbay keys create any more.',
  ].join('\n')
}

export function bannerText(options: BannerOptions): string {
  const { gateway, url, adminUrl, version } = options
  const keys = keysText(options)
  const vault = vaultText(options)
  const examples = snippets({ url, ...asked(options) })
  return [
    `Patchbay ${version} answers at ${url}`,
    ...(adminUrl === undefined ? [] : [`The admin is answered at ${adminUrl}`]),
    '',
    'Providers:',
    ...providerLines(gateway),
    ...(keys === undefined ? [] : ['', keys]),
    ...(vault === undefined ? [] : ['', vault]),
    '',
    'Copy and paste:',
    ...examples.flatMap(({ title, text }) => ['', `  ${title}`, indented(text)]),
    '',
    'Stop it with Ctrl-C.',
  ].join('\n')
}

/** A vault that this start made, or one that is closed. */
export function vaultText({ gateway, dataDir }: BannerOptions): string | undefined {
  const { vault, firstRun } = gateway
  if (vault.isSealed) {
    const { reason } = vault.status()
    const why = reason === undefined || reason === 'vault_sealed' ? '' : ` (${reason})`
    return [
      `The vault is sealed${why}: no call is answered until it is opened.`,
      '  Open it: patchbay vault unlock',
    ].join('\n')
  }
  const { vault: made } = firstRun
  if (made === undefined) return undefined
  if (made.keyFile === undefined) {
    return `Made a vault for the keys of providers, ${dataDir}/vault.pbv; it opens with ${made.where}.`
  }
  return [
    'Made for this installation: a vault for the keys of providers, and the key that opens it.',
    `  The vault is ${dataDir}/vault.pbv, its key ${made.keyFile}.`,
    '  Keep a copy of the key apart from the data: without it nobody can read the vault.',
    '  A code for the day it is lost: patchbay vault slot add --type recovery',
    '  To keep the key elsewhere: docs/vault.md. To have no vault made: vault.auto_init: false.',
  ].join('\n')
}

/** The same for machines, on one line. */
export function bannerJson({ gateway, url, adminUrl, version, dataDir }: BannerOptions): Json {
  const { adminToken, clientKey } = gateway.firstRun
  return compact({
    version,
    url,
    admin_url: adminUrl,
    data_dir: dataDir,
    default_provider: gateway.manager.defaultName ?? null,
    providers: gateway.manager.listProviders().map((provider) => provider.name),
    admin_token: adminToken,
    client_key: clientKey,
    vault: gateway.vault.status().state,
    vault_key_file: gateway.firstRun.vault?.keyFile,
  })
}

function providerLines({ manager, detected }: Gateway): readonly string[] {
  const found = new Map(detected.map(({ config, line }) => [config.name, line]))
  const lines = manager.listProviders().map((provider) => {
    const { name, locality, config, disabledReason } = provider
    const kind = isEmbedded(provider) ? 'the embedded model' : config.providerType
    const how = found.get(name) ?? `${kind}${locality === 'local' ? ', free' : ''}`
    const standing = name === manager.defaultName ? ', the default' : ''
    return `  ${name}: ${how}${standing}${disabledReason === undefined ? '' : ', disabled'}`
  })
  return lines.length === 0 ? ['  none yet; add one with: patchbay providers add'] : lines
}

function asked({ gateway, open }: BannerOptions): {
  readonly model: string
  readonly key?: string
} {
  // A provider's name means its default model.
  const model = gateway.manager.defaultName ?? 'provider/model'
  const { clientKey } = gateway.firstRun
  const key = open ? 'none-needed' : clientKey
  return compact({ model, key })
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')
}
