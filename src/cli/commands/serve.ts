// patchbay serve: starts the server, says how to use it, and stops it gently.
import { Command, InvalidArgumentError, Option } from 'commander'
import { compact } from '../../canonical/compact.ts'
import { loadConfig } from '../../config/load.ts'
import type { PatchbayConfig } from '../../config/schema.ts'
import type { RequestLog } from '../../server/application.ts'
import { type Gateway, createGateway } from '../../server/gateway.ts'
import { fetchEmbedded, needsEmbedded } from '../embedded.ts'
import { withConfig, withJson } from '../options.ts'
import { LOG_FORMATS, type LogFormat, logLine } from '../request-log.ts'
import { type BannerOptions, bannerJson, bannerText, keysText } from '../serve/banner.ts'
import { untilStopped } from '../serve/stop.ts'
import { type Terminal, print, say } from '../terminal.ts'
import { packageVersion } from '../version.ts'

interface ServeOptions {
  readonly host?: string
  readonly port?: number
  readonly config?: string
  readonly open?: true
  readonly detect: boolean
  readonly fetch: boolean
  readonly quiet?: true
  readonly json?: true
  readonly log: LogFormat
}

export function serveCommand(terminal: Terminal): Command {
  return withJson(withConfig(new Command('serve')))
    .description('start the server')
    .option('--host <address>', 'the address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'the port to listen on; 0 takes a free one (default: 8787)', portOf)
    .option('--open', 'on loopback: chat needs no key, for cloud providers too')
    .option('--no-detect', 'use only what is configured')
    .option('--no-fetch', 'do not fetch the embedded model at the start, but at its first use')
    .option('--quiet', 'print only the address, and the keys when they are new')
    .addOption(
      new Option('--log <format>', 'the log of requests on stderr')
        .choices(LOG_FORMATS)
        .default('text'),
    )
    .action((options: ServeOptions) => serve(terminal, options))
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new InvalidArgumentError('It must be a whole number from 0 to 65535.')
}

async function serve(terminal: Terminal, options: ServeOptions): Promise<void> {
  const { host, port, open } = options
  const { env, cwd } = terminal
  const config = await loadConfig({
    env,
    cwd,
    flags: { server: compact({ host, port, open }) },
    ...compact({ file: options.config }),
  })
  const format = options.quiet === true ? 'off' : options.log
  const gateway = await createGateway({
    config,
    env,
    detect: options.detect,
    log: (entry: RequestLog) => {
      const line = logLine(entry, format, new Date())
      if (line !== undefined) say(terminal, line)
    },
  })
  const stopped = untilStopped(terminal, gateway)
  try {
    const { url } = await gateway.listen()
    greet(terminal, options, { gateway, url, ...bannerFacts(config) })
  } catch (thrown) {
    await gateway.close()
    throw thrown
  }
  if (options.fetch) await prepare(terminal, { gateway, config, signal: stopped.signal })
  await stopped.done
}

function bannerFacts(config: PatchbayConfig): Pick<BannerOptions, 'dataDir' | 'open' | 'version'> {
  return { dataDir: config.dataDir, open: config.server.open, version: packageVersion() }
}

function greet(terminal: Terminal, options: ServeOptions, banner: BannerOptions): void {
  if (options.json === true) return print(terminal, JSON.stringify(bannerJson(banner)))
  if (options.quiet !== true) return print(terminal, bannerText(banner))
  const keys = keysText(banner)
  print(terminal, keys === undefined ? banner.url : `${banner.url}\n${keys}`)
}

interface Preparing {
  readonly gateway: Gateway
  readonly config: PatchbayConfig
  readonly signal: AbortSignal
}

/** Where the embedded model is what answers, it is fetched now, so that the first question need not wait for it. */
async function prepare(terminal: Terminal, { gateway, config, signal }: Preparing): Promise<void> {
  if (!(await needsEmbedded(gateway.manager, config.dataDir))) return
  say(terminal, 'No Ollama and no key was found, so the embedded model answers. Fetching it once:')
  try {
    await fetchEmbedded(terminal, { dataDir: config.dataDir, signal })
    say(terminal, 'The embedded model is ready.')
  } catch (thrown) {
    if (signal.aborted) return
    say(terminal, thrown instanceof Error ? thrown.message : String(thrown))
    say(terminal, '  The server runs without it. Try again with: patchbay models pull')
  }
}
