// What a checkout brings along, judged by its manifest and its lockfile: where packages come from, and what runs when they are installed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ObjectReader, isObject, parseJson } from '../src/wire/json.ts'

/** Packages that Patchbay itself asks for at run time. */
const MOST_DEPENDENCIES = 15

/** Run by npm around an installation or a publication, without being asked for. */
const LIFECYCLE =
  /^(?:pre|post)?(?:install|uninstall|prepare|publish|dependencies)$|^prepublishOnly$/

export interface LockedPackage {
  readonly name: string
  readonly version: string
  readonly isNeeded: boolean
  readonly integrity: string | undefined
}

/** Of the lockfile below a folder. */
export function lockedPackages(root: string): readonly LockedPackage[] {
  const { packages, places } = lockOf(root)
  return places.map((place) => {
    const entry = packages.object(place)
    return {
      name: place.replace(/^.*node_modules\//, ''),
      version: entry.string('version'),
      isNeeded: entry.source['dev'] !== true,
      integrity: entry.optionalString('integrity'),
    }
  })
}

/** What is wrong, in words; none where all is well. */
export function supplyProblems(root: string): readonly string[] {
  const manifest = ObjectReader.of(parseJson(readFileSync(join(root, 'package.json'), 'utf8')), '')
  const dependencies = manifest.optionalObject('dependencies')?.source ?? {}
  const development = manifest.optionalObject('devDependencies')?.source ?? {}
  const scripts = Object.keys(manifest.optionalObject('scripts')?.source ?? {})
  const allowed = manifest.optionalObject('allowScripts')?.source ?? {}
  const count = Object.keys(dependencies).length
  return [
    ...(count > MOST_DEPENDENCIES ? [`${count} packages are needed at run time`] : []),
    ...Object.entries({ ...dependencies, ...development })
      .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)))
      .map(([name, version]) => `${name} is not of an exact version: ${String(version)}`),
    ...scripts
      .filter((script) => LIFECYCLE.test(script))
      .map((script) => `the script ${script} runs unasked`),
    ...lockProblems(root, new Set(Object.keys(allowed))),
    ...settingsProblems(root),
  ]
}

function lockProblems(root: string, allowed: ReadonlySet<string>): readonly string[] {
  const { packages, places } = lockOf(root)
  return places.flatMap((place) => {
    const { source } = packages.object(place)
    const name = place.replace(/^.*node_modules\//, '')
    const isScripted = source['hasInstallScript'] === true && !allowed.has(name)
    const isWhole = /^sha512-[A-Za-z0-9+/]{86}==$/.test(String(source['integrity']))
    // Binaries for other platforms, which a partial registry does not have: they are never needed to run.
    const mayLack = source['dev'] === true && source['optional'] === true
    return [
      ...(isScripted ? [`${name} runs a script when it is installed`] : []),
      ...('resolved' in source ? [`${name} comes from ${String(source['resolved'])}`] : []),
      ...(source['link'] === true ? [`${name} is a link`] : []),
      ...(isWhole || (mayLack && !('integrity' in source)) ? [] : [`${name} has no checksum`]),
    ]
  })
}

/** A token or another registry has no place in a checkout. */
function settingsProblems(root: string): readonly string[] {
  const lines = readFileSync(join(root, '.npmrc'), 'utf8').split('\n')
  return lines
    .filter((line) => /_auth|_password|token|registry\s*=|\/\//i.test(line))
    .map(() => '.npmrc names a registry or a token')
}

function lockOf(root: string): {
  readonly packages: ObjectReader
  readonly places: readonly string[]
} {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const packages = ObjectReader.of(parseJson(text), 'package-lock.json').object('packages')
  const places = Object.keys(packages.source).filter((place) => {
    const entry = packages.source[place]
    return place !== '' && isObject(entry)
  })
  return { packages, places }
}
