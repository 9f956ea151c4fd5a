// The certificate and key of the server, from their files: read whole and found to fit before they are used.
import { X509Certificate, createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { GatewayError } from '../canonical/errors.ts'
import type { TlsConfig } from '../config/schema.ts'

export interface TlsContext {
  /** The certificate, then those of its authorities, in PEM. */
  readonly cert: string
  readonly key: string
}

/** Throws GatewayError that names the file at fault, and never what is in it. */
export async function readTls({ cert: certPath, key: keyPath }: TlsConfig): Promise<TlsContext> {
  const [cert, key] = [await contentOf(certPath), await contentOf(keyPath)]
  const certificate = parsed(
    certPath,
    'holds no certificate in PEM',
    () => new X509Certificate(cert),
  )
  const secret = parsed(keyPath, 'holds no private key in PEM without a passphrase', () =>
    createPrivateKey(key),
  )
  if (!certificate.checkPrivateKey(secret)) {
    throw unusable(keyPath, `is not the key of the certificate in ${certPath}`)
  }
  return { cert, key }
}

async function contentOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw unusable(path, 'cannot be read', cause)
  }
}

function parsed<T>(path: string, why: string, read: () => T): T {
  try {
    return read()
  } catch {
    // The text of the failure could quote the key.
    throw unusable(path, why)
  }
}

function unusable(path: string, why: string, cause?: unknown): GatewayError {
  return new GatewayError('invalid_request', `The file ${path} of server.tls ${why}.`, {
    code: 'tls_files',
    cause,
  })
}
