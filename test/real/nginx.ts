// A real nginx on a free port, with the block of a page as its configuration.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from '../faults/certificate.ts'
import { type RealPart, realPart } from './cache.ts'

export interface Nginx {
  readonly url: string
  /** Of its certificate. */
  readonly cert: string
  close(): Promise<void>
}

export interface NginxSetup {
  readonly port: number
  /** As the page has it. */
  readonly block: string
  /** Where Patchbay is. */
  readonly upstream: string
}

/** Debian's `nginx-light`, or why there is none. */
export async function nginx({ port, block, upstream }: NginxSetup): Promise<RealPart<Nginx>> {
  return realPart(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'patchbay-nginx-'))
    const day = 86_400_000
    const { cert, key } = selfSigned({
      from: new Date(Date.now() - day),
      to: new Date(Date.now() + day),
    })
    writeFileSync(join(folder, 'fullchain.pem'), cert)
    writeFileSync(join(folder, 'privkey.pem'), key)
    const server = block
      .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
      .replaceAll('/etc/nginx/tls', folder)
      .replace('http://127.0.0.1:8787', upstream)
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join('\n')
    const config = join(folder, 'nginx.conf')
    writeFileSync(
      config,
      `daemon off; pid ${folder}/pid; error_log stderr;\nevents {}\nhttp { access_log off;\n${paths}\n${server} }\n`,
    )
    const running = spawn('nginx', ['-c', config, '-p', folder], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const told: string[] = []
    running.stderr.on('data', (piece) => told.push(String(piece)))
    const failed = new Promise<never>((_resolve, reject) => {
      running.once('error', () =>
        reject(new Error('nginx is not installed (Debian: apt-get install nginx-light)')),
      )
      running.once('exit', (code) =>
        reject(new Error(`nginx ended with code ${code}: ${told.join('')}`)),
      )
    })
    await Promise.race([taking(port), failed])
    failed.catch(() => undefined)
    return {
      url: `https://127.0.0.1:${port}`,
      cert,
      close: async () => {
        const ended = once(running, 'exit')
        running.kill('SIGTERM')
        await ended
        rmSync(folder, { recursive: true, force: true })
      },
    }
  })
}

/** Resolves once connections are taken there. */
async function taking(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const [isOpen] = await Promise.race([
      once(socket, 'connect').then(() => [true]),
      once(socket, 'error').then(() => [false]),
    ]).catch(() => [false])
    socket.destroy()
    if (isOpen === true) return
    await new Promise((resolve) => {
      setTimeout(resolve, 20)
    })
  }
}
