// The bill of materials of what runs, made by npm from the lockfile.
import { type JsonObject, ObjectReader, isArray, isObject, parseJson } from '../src/wire/json.ts'
import { ROOT } from './packed.ts'
import { mustRun } from './program.ts'

/** How npm marks what only development needs. */
const DEVELOPMENT = 'cdx:npm:package:development'

/**
 * In CycloneDX. npm lists everything and we leave out what does not run: its own `--omit=dev` leaves out too much, namely what something for
 * development needs as well (seen with npm 11.19).
 */
export async function billOfMaterials(): Promise<JsonObject> {
  const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx']
  const bill = ObjectReader.of(parseJson(await mustRun('npm', args, { cwd: ROOT })), 'sbom')
  const components = bill
    .items('components')
    .map(({ value, path }) => ObjectReader.of(value, path))
    .filter(({ source }) => !isForDevelopment(source))
    .map(({ source }) => source)
  const refs = new Set<unknown>(components.map((component) => component['bom-ref']))
  const root = bill.object('metadata').object('component').source['bom-ref']
  const dependencies = bill
    .items('dependencies')
    .map(({ value, path }) => ObjectReader.of(value, path))
    .filter(({ source }) => source['ref'] === root || refs.has(source['ref']))
    .map((entry) => ({
      ...entry.source,
      dependsOn: (entry.optionalStrings('dependsOn') ?? []).filter((ref) => refs.has(ref)),
    }))
  return { ...bill.source, components, dependencies }
}

function isForDevelopment({ properties }: JsonObject): boolean {
  if (!isArray(properties)) return false
  return properties.some((one) => isObject(one) && one['name'] === DEVELOPMENT)
}
