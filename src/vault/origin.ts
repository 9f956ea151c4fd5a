// The exact address that a secret is for: scheme, host and port, always written the same way.
import { vaultProblem } from './problem.ts'

const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

export function exactOrigin(url: string): string {
  const { protocol, hostname, port } = parsed(url)
  const usual = PORTS[protocol]
  if (usual === undefined || hostname === '') throw unfit()
  return `${protocol}//${hostname}:${port === '' ? usual : port}`
}

function parsed(url: string): URL {
  if (!URL.canParse(url)) throw unfit()
  return new URL(url)
}

function unfit(): Error {
  return vaultProblem('vault_unfit', 'A secret is kept for one address: give an http or https URL.')
}
