// The metrics of several processes as one text for Prometheus: what belongs to one name stands together, under one explanation.
interface Family {
  /** `# HELP` and `# TYPE`. */
  readonly head: string[]
  readonly samples: string[]
}

const HEAD = /^# (?:HELP|TYPE) (\S+)/

export function mergedText(texts: readonly string[]): string {
  const families = new Map<string, Family>()
  for (const text of texts) gather(families, text)
  return [...families.values()]
    .map(({ head, samples }) => [...head, ...samples, ''].join('\n'))
    .join('\n')
}

function gather(families: Map<string, Family>, text: string): void {
  let family: Family | undefined
  const fresh = new Set<string>()
  for (const line of text.split('\n')) {
    const [, name] = HEAD.exec(line) ?? []
    if (name === undefined) {
      if (line !== '') family?.samples.push(line)
      continue
    }
    family = families.get(name) ?? begun(families, name, fresh)
    if (fresh.has(name)) family.head.push(line)
  }
}

function begun(families: Map<string, Family>, name: string, fresh: Set<string>): Family {
  const family = { head: [], samples: [] }
  families.set(name, family)
  fresh.add(name)
  return family
}
