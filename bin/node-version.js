// Which Node Patchbay runs on. Written for any Node that has modules at all.

const NEEDED_MAJOR = 24

/** What to tell someone whose Node is too old; undefined when it is new enough. */
export function refusalFor(version) {
  const major = Number(version.replace(/^v/, '').split('.')[0])
  if (major >= NEEDED_MAJOR) return undefined
  return [
    `patchbay needs Node ${NEEDED_MAJOR} or newer; this is Node ${version.replace(/^v/, '')}.`,
    '  In a checkout of Patchbay:     npm ci && npm start   (it brings a Node of its own)',
    `  Without installing anything:   npx -p node@${NEEDED_MAJOR} -p patchbay patchbay serve`,
    `  For good, install Node ${NEEDED_MAJOR}:     https://nodejs.org/en/download`,
  ].join('\n')
}
