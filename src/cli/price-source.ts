// Where a newer list of prices comes from: a file, or an https address.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { MAX_UPDATE_BYTES } from '../prices/price-update.ts'
import { readBody } from '../transport/read-body.ts'
import type { Transport } from '../transport/transport.ts'
import { parseMediaUrl } from '../transport/base-url.ts'
import { CommandFailure, EXIT } from './exit.ts'

export interface PriceSource {
  readonly cwd: string
  /** The one door to the network: public addresses only, and no redirects. */
  readonly transport: Transport
}

const PHASE_MS = 30_000
const TIMEOUTS = {
  connectMs: PHASE_MS,
  firstByteMs: PHASE_MS,
  idleMs: PHASE_MS,
  totalMs: 4 * PHASE_MS,
}

/** Throws CommandFailure, or GatewayError of the transport. */
export async function priceListText(
  from: string,
  { cwd, transport }: PriceSource,
): Promise<string> {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(from)) return fileText(resolve(cwd, from))
  const url = parseMediaUrl(from)
  if (typeof url === 'string') {
    throw new CommandFailure(`The address of the list ${url}.`, { code: EXIT.usage })
  }
  const response = await transport.send({
    method: 'GET',
    url,
    headers: { accept: 'application/json' },
    reach: 'public',
    timeouts: TIMEOUTS,
    signal: new AbortController().signal,
  })
  if (response.status === 200) return readBody(response.body, MAX_UPDATE_BYTES)
  response.cancel()
  throw new CommandFailure(`${url.host} answered ${response.status}, not with a list of prices.`, {
    code: EXIT.failure,
    ...(response.status >= 300 && response.status < 400
      ? { next: 'It points somewhere else. Name that address, if you trust it.' }
      : {}),
  })
}

async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new CommandFailure(`The file ${path} cannot be read.`, { code: EXIT.usage, cause })
  }
}
