// What the machine must give: a Node, a folder for data, a port.
import { X509Certificate } from 'node:crypto'
import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type PatchbayConfig, isLoopbackHost } from '../../config/schema.ts'
import { toGatewayError } from '../../canonical/errors.ts'
import { type Boot, bootProblems } from '../../server/boot.ts'
import { assertExposure } from '../../server/exposure.ts'
import { realAfter } from '../../server/message.ts'
import { createNodeServer } from '../../server/node.ts'
import { readTls } from '../../server/tls-files.ts'
import { Connection } from '../connection.ts'
import type { Terminal } from '../terminal.ts'
import { type Finding, fail, ok, warn } from './check.ts'

const NODE_MAJOR = 24

export function checkNode(version: string): Finding {
  const major = Number(version.split('.')[0])
  if (major >= NODE_MAJOR) return ok('node', `Node ${version}`)
  return fail('node', `Node ${version} is too old`, `Install Node ${NODE_MAJOR} or newer.`)
}

/** What would keep the server from starting, besides its configuration. */
export async function checkBoot(boot: Boot): Promise<readonly Finding[]> {
  const problems = await bootProblems(boot)
  if (problems.length === 0) return [ok('start', 'nothing keeps the server from starting')]
  return problems.map(({ message, fix }) => fail('start', message, fix))
}

/** Whether the address, and what stands before it, is safe for keys. */
export function checkExposure(config: PatchbayConfig): Finding {
  try {
    assertExposure(config)
  } catch (thrown) {
    return fail('exposure', toGatewayError(thrown).message, 'See docs/deployment.md.')
  }
  const { host, tls, behindProxy } = config.server
  if (isLoopbackHost(host)) return ok('exposure', 'only this machine can reach the server')
  const how = tls === undefined ? 'a declared proxy' : 'TLS'
  return ok('exposure', `others can reach the server by ${how}${behindProxy ? ' alone' : ''}`)
}

export async function checkTls({ server }: PatchbayConfig): Promise<Finding | undefined> {
  if (server.tls === undefined) return undefined
  try {
    const { cert } = await readTls(server.tls)
    const { validTo } = new X509Certificate(cert)
    if (Date.parse(validTo) > Date.now()) return ok('certificate', `valid until ${validTo}`)
    return fail('certificate', `it was valid until ${validTo}`, 'Put a new one in its place.')
  } catch (thrown) {
    return fail('certificate', toGatewayError(thrown).message, 'Correct server.tls.')
  }
}

/** The folder with the keys and the model: writable, and closed to other users. */
export async function checkDataFolder(folder: string): Promise<Finding> {
  const found = await stat(folder).catch(() => undefined)
  if (found === undefined) {
    const parent = await existingParent(folder)
    if (await writable(parent)) return ok('data folder', `${folder} (made at the first start)`)
    return fail(
      'data folder',
      `${folder} is not there, and ${parent} is not writable`,
      'Make the folder, or choose another with PATCHBAY_HOME.',
    )
  }
  if (!found.isDirectory()) {
    return fail('data folder', `${folder} is not a folder`, 'Move it away, or set PATCHBAY_HOME.')
  }
  if (!(await writable(folder))) {
    return fail(
      'data folder',
      `${folder} is not writable`,
      'Give it to this user, or choose another with PATCHBAY_HOME.',
    )
  }
  // Windows has no such bits.
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    return warn('data folder', `other users can look into ${folder}`, `chmod 700 ${folder}`)
  }
  return ok('data folder', folder)
}

async function existingParent(folder: string): Promise<string> {
  const parent = dirname(folder)
  if (parent === folder) return folder
  const found = await stat(parent).catch(() => undefined)
  return found === undefined ? existingParent(parent) : parent
}

async function writable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  )
}

/** The address: Patchbay is there already, or it is free. */
export async function checkPort(terminal: Terminal, config: PatchbayConfig): Promise<Finding> {
  const { host, port } = config.server
  const connection = await Connection.open(terminal, {}, 'client')
  if (await connection.isPatchbay()) return ok('server', `Patchbay runs at ${connection.url}`)
  const server = createNodeServer({
    application: async () => ({ status: 503, headers: {}, body: '' }),
    after: realAfter,
  })
  try {
    await server.listen(host, port)
    return ok('server', `not running; ${host}:${port} is free (start it with: patchbay serve)`)
  } catch (thrown) {
    const { message } = toGatewayError(thrown)
    const elsewhere = 'For another port: --port, PATCHBAY_PORT or server.port.'
    return fail('server', message, elsewhere)
  } finally {
    await server.close()
  }
}
