// A socket in the file system, for this user alone: one line of JSON to ask, one to answer.
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { type Socket, connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { GatewayError } from '../canonical/errors.ts'
import { type Json, parseJson } from '../wire/json.ts'

/** Of a socket's address in Linux and macOS, with the end of it. */
const LONGEST_PATH = 103
/** A whole vault may be restored through it. */
const LONGEST_LINE = 64 * 1024 * 1024

export interface LocalServer {
  close(): Promise<void>
}

/** Throws where somebody else answers there. */
export async function listenLocally(
  path: string,
  answer: (request: Json) => Promise<Json>,
): Promise<LocalServer> {
  assertShort(path)
  if (await isAnswered(path)) {
    throw new GatewayError(
      'conflict',
      `Another Patchbay has ${path}. Give this one a data folder of its own.`,
      {
        code: 'data_folder_in_use',
      },
    )
  }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    serve(socket, answer).catch(() => socket.destroy())
  })
  // It is born in a folder that nobody else may enter, and moved once its own mode says the same.
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const folder = await mkdtemp(join(dirname(path), '.v-'))
  const born = join(folder, 's')
  try {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    // Its own also where the process is one of several workers.
    server.once('error', reject).listen({ path: born, exclusive: true }, resolve)
    await promise
    await chmod(born, 0o600)
    await rename(born, path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  server.unref()
  return {
    close: async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
      await promise
      await rm(path, { force: true })
    },
  }
}

/** Undefined where nobody listens. */
export async function askLocally(path: string, request: Json): Promise<Json | undefined> {
  assertShort(path)
  const socket = await connected(path)
  if (socket === undefined) return undefined
  try {
    socket.write(`${JSON.stringify(request)}\n`)
    return parseJson(await lineFrom(socket))
  } finally {
    socket.destroy()
  }
}

async function serve(socket: Socket, answer: (request: Json) => Promise<Json>): Promise<void> {
  const answered = await answer(parseJson(await lineFrom(socket)))
  socket.end(`${JSON.stringify(answered)}\n`)
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = await connected(path)
  socket?.destroy()
  return socket !== undefined
}

async function connected(path: string): Promise<Socket | undefined> {
  const socket = connect({ path })
  const { promise, resolve, reject } = Promise.withResolvers<Socket | undefined>()
  socket.once('connect', () => resolve(socket))
  socket.once('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED') return resolve(undefined)
    reject(
      new GatewayError(
        'permission',
        `${path} cannot be reached (${cause.code}). It belongs to another user.`,
        {
          code: 'socket_refused',
          cause,
        },
      ),
    )
  })
  return promise
}

/** The socket stays open for what is to be said. */
function lineFrom(socket: Socket): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const chunks: Buffer[] = []
  let length = 0
  const hungUp = (): void =>
    reject(new GatewayError('internal', 'The other side has hung up.', { code: 'socket_closed' }))
  socket.on('data', (bytes: Buffer) => {
    chunks.push(bytes)
    length += bytes.length
    if (bytes.includes(0x0a)) resolve(Buffer.concat(chunks).toString('utf8'))
    else if (length > LONGEST_LINE) hungUp()
  })
  socket.once('end', hungUp).once('error', hungUp).once('close', hungUp)
  return promise
}

function assertShort(path: string): void {
  // The folder in which it is born has a longer name than its own.
  if (Buffer.byteLength(path) <= LONGEST_PATH) return
  throw new GatewayError(
    'invalid_request',
    `${path} is too long for the address of a socket. Use a data folder with a shorter path.`,
    {
      code: 'socket_path_too_long',
    },
  )
}
