// Where two JSON values differ, as paths.
import { type Json, equalJson, isArray, isObject } from '../../src/wire/json.ts'

export interface Difference {
  readonly path: string
  readonly from: Json | undefined
  readonly to: Json | undefined
}

/** The smallest places that differ, but for what a target only adds of its own. Lists of different lengths differ as a whole. */
export function differences(
  from: Json | undefined,
  to: Json | undefined,
  path = '',
): readonly Difference[] {
  if (from !== undefined && to !== undefined) {
    if (isObject(from) && isObject(to)) {
      const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])]
      return keys.flatMap((key) =>
        differences(from[key], to[key], path === '' ? key : `${path}.${key}`),
      )
    }
    if (isArray(from) && isArray(to) && from.length === to.length) {
      return from.flatMap((item, at) => differences(item, to[at], `${path}[${at}]`))
    }
    if (equalJson(from, to)) return []
  } else if (from === to || (from === undefined && OWN.test(path))) return []
  else if (SETTINGS.test(path)) return differences(from ?? {}, to ?? {}, path)
  return [{ path, from, to }]
}

/** Fields of the target's own, and thinking that is asked to be shown where others always show it. */
const OWN = /(?:^|\.)left(?:[.[]|$)|^reasoning\.show$/

/** Settings that come and go one by one, with the object that holds them. */
const SETTINGS = /^(?:sampling|output|identity|service|caching|reasoning|usage|usage\.\w+)$/
