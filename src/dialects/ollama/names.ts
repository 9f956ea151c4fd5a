// Model names as Ollama compares them: `[host/][namespace/]model[:tag]`, case-insensitive, no tag means `latest`.

/** The same text for every spelling of one model. For comparing only: a name is sent upstream as it was given. */
export function normalizeModelName(name: string): string {
  const lower = name.toLowerCase()
  const model = lower.slice(lower.lastIndexOf('/') + 1)
  return model.includes(':') ? lower : `${lower}:latest`
}
