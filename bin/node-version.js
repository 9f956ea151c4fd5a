// Which Node Patchbay runs on. Written for any Node that has modules at all.

const NEEDED_MAJOR = 24
/** Before, there are known holes: CVE-2026-21710 and others of March 2026. */
const NEEDED = '24.14.1'

/** What to tell someone whose Node is too old; undefined when it is new enough. */
export function refusalFor(version) {
  const [major, minor, patch] = version.replace(/^v/, '').split('.').map(Number)
  if (major > NEEDED_MAJOR) return undefined
  const [, leastMinor, leastPatch] = NEEDED.split('.').map(Number)
  const isSound = minor > leastMinor || (minor === leastMinor && patch >= leastPatch)
  if (major === NEEDED_MAJOR && isSound) return undefined
  return [
    `patchbay needs Node ${NEEDED} or newer; this is Node ${version.replace(/^v/, '')}.`,
    '  In a checkout of Patchbay:     npm ci && npm start   (it brings a Node of its own)',
    `  Without installing anything:   npx -p node@${NEEDED_MAJOR} -p patchbay patchbay serve`,
    `  For good, install Node ${NEEDED_MAJOR}:     https://nodejs.org/en/download`,
  ].join('\n')
}
