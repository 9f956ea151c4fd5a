// Why a model name means what it means, as a sentence for people.
import type { Resolution, ResolutionRule } from './resolve.ts'

const RULES: Readonly<Record<ResolutionRule, (provider: string, name: string) => string>> = {
  'provider/model': (provider, name) => `"${name}" names the provider "${provider}" and its model`,
  provider: (provider) => `"${provider}" is a provider, so its default model is meant`,
  default: (provider) =>
    `no model is named, so the default model of the default provider "${provider}" is meant`,
  'only-owner': (provider, name) => `"${name}" is a model that only "${provider}" lists`,
  'default-owner': (provider, name) =>
    `several providers list "${name}", the default provider "${provider}" among them`,
  unlisted: (provider, name) =>
    `nobody lists "${name}", and the list of the default provider "${provider}" is not known`,
  route: (provider, name) => `"${name}" is a route, and its target at "${provider}" comes first`,
}

/** Such as `"fast" is an alias of "work/gpt-5-mini"; "work/gpt-5-mini" names the provider "work" and its model.` */
export function reasonOf({ target, rule, names }: Resolution): string {
  const aliases = names
    .slice(1)
    .map((meaning, at) => `"${names[at] ?? ''}" is an alias of "${meaning}"`)
  return `${[...aliases, RULES[rule](target.provider, names.at(-1) ?? '')].join('; ')}.`
}
