// Where each setting comes from: the first layer that says something of it.
/** What is in none of them is a default. */
export const CONFIG_SOURCES = ['flag', 'environment', 'file'] as const
export type ConfigSourceName = (typeof CONFIG_SOURCES)[number]

/** By the name of the setting, such as `server.port`. */
export type ConfigSources = Readonly<Record<string, ConfigSourceName>>

/** Sections of names that users choose: they are one setting each. */
const WHOLE: ReadonlySet<string> = new Set(['aliases', 'prices'])

/** Settings of one level and of two, by their names in the file. */
export function flattened(config: object): readonly (readonly [string, unknown])[] {
  return Object.entries(config).flatMap(([section, value]) => {
    if (value === undefined) return []
    const name = snake(section)
    if (!isSection(value) || WHOLE.has(name)) return [[name, value] as const]
    return Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [`${name}.${snake(key)}`, inner] as const)
  })
}

/** `layers` from the strongest to the weakest. */
export function sourcesOf(layers: readonly (readonly [ConfigSourceName, object])[]): ConfigSources {
  const sources: Record<string, ConfigSourceName> = {}
  for (const [source, layer] of layers) {
    for (const [name] of flattened(layer)) sources[name] ??= source
  }
  return sources
}

/** A plain object; lists and secrets are values. */
function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
