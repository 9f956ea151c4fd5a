// How a provider serves a request: in the usual way, or in one that has rates of its own.

/** What vendors call their usual way, or leaving it to them. */
const USUAL: ReadonlySet<string> = new Set([
  'auto',
  'default',
  'on_demand',
  'service_tier_unspecified',
  'standard',
  'standard_only',
])

/** `tier` in the vendor's word. Undefined for the usual way. */
export function serviceOf(tier: string | undefined): string | undefined {
  const word = tier?.trim().toLowerCase() ?? ''
  return word === '' || USUAL.has(word) ? undefined : word
}
