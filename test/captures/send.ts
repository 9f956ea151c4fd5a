// Sends a captured request as its client wrote it, header by header, but for the address.
import { request as httpRequest } from 'node:http'
import type { CapturedRequest } from '../corpus.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly text: string
}

const OWN = /^(?:host|connection|content-length|transfer-encoding|accept-encoding)$/i

/** A header's bytes one by one, as Node's client wants them: UTF-8 beyond ASCII. */
function latin1(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1')
}

export function send(url: string, capture: CapturedRequest): Promise<Answer> {
  const { hostname, port } = new URL(url)
  const { method, path } = capture
  const body = capture.body === undefined ? undefined : JSON.stringify(capture.body)
  const upgrades = capture.headers.some(([name]) => name.toLowerCase() === 'upgrade')
  const headers = Object.fromEntries([
    ...capture.headers
      .filter(([name]) => !OWN.test(name))
      .map(([name, value]) => [name, latin1(value)]),
    ...(upgrades ? [['connection', 'Upgrade']] : []),
  ])
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ hostname, port, method, path, headers }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
