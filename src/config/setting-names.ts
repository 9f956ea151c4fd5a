// Settings of a provider are written in snake_case, in files and over the API, and read in camelCase.

/** With every key of its top level in camelCase; what is below belongs to whoever reads the setting. */
export function camelKeys<Value>(
  settings: Readonly<Record<string, Value>>,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [camel(key), value]))
}

function camel(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
