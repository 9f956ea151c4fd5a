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
  const { gateway, url, version } = options
  const keys = keysText(options)
  const examples = snippets({ url, ...asked(options) })
  return [
    `Patchbay ${version} answers at ${url}`,
    '',
    'Providers:',
    ...providerLines(gateway),
    ...(keys === undefined ? [] : ['', keys]),
    '',
    'Copy and paste:',
    ...examples.flatMap(({ title, text }) => ['', `  ${title}`, indented(text)]),
    '',
    'Stop it with Ctrl-C.',
  ].join('\n')
}

/** The same for machines, on one line. */
export function bannerJson({ gateway, url, version, dataDir }: BannerOptions): Json {
  const { adminToken, clientKey } = gateway.firstRun
  return compact({
    version,
    url,
    data_dir: dataDir,
    default_provider: gateway.manager.defaultName ?? null,
    providers: gateway.manager.listProviders().map((provider) => provider.name),
    admin_token: adminToken,
    client_key: clientKey,
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
