// A request's URL below a base URL.
import { bareHost } from './base-url.ts'

// People write base URLs with and without the first segment of the protocol's own paths.
const SHARED_SEGMENT = /^\/(?:v\d+\w*|api)(?=\/)/

/** A request's URL below a base URL. `path` and `query` come from the dialect; the path is percent-encoded and may have a query. */
export function upstreamUrl(
  base: URL,
  path: string,
  query: Readonly<Record<string, string>> = {},
): URL {
  const root = base.pathname.replace(/\/+$/, '')
  const shared = SHARED_SEGMENT.exec(path)?.[0]
  const below = shared !== undefined && root.endsWith(shared) ? path.slice(shared.length) : path
  const url = new URL(`${base.origin}${root}${below}`)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url
}

/** Whether the host is this machine by its very name, without a look-up. */
export function isLoopback(url: URL): boolean {
  const host = bareHost(url)
  return host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host)
}
