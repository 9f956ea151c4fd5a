// Older majors of a library behind the types of the current one.

/** It is used as the current one is typed: what it lacks shows when it runs. */
function hasAll<M extends object>(
  module: object,
  names: readonly (keyof M & string)[],
): module is M {
  return names.every((name) => name in module)
}

export function as<M extends object>(module: object, names: readonly (keyof M & string)[]): M {
  if (!hasAll<M>(module, names)) throw new Error(`it has not all of ${names.join(', ')}`)
  return module
}
