// The meters of one gateway, and the text in which Prometheus reads them. Source: prometheus.io/docs/instrumenting/exposition_formats, read on 2026-11-28.
import type { Sample } from './meters.ts'

export interface Registered {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  samples(): readonly Sample[]
}

export class Registry {
  readonly contentType = 'text/plain; version=0.0.4; charset=utf-8'
  readonly #meters: Registered[] = []
  #everywhere: Readonly<Record<string, string>> = {}

  register(meter: Registered): void {
    this.#meters.push(meter)
  }

  /** Labels that every number has besides its own. */
  setDefaultLabels(labels: Readonly<Record<string, string>>): void {
    this.#everywhere = labels
  }

  metrics(): string {
    return `${this.#meters.map((meter) => this.#family(meter)).join('\n\n')}\n`
  }

  clear(): void {
    this.#meters.length = 0
  }

  #family(meter: Registered): string {
    const { name, type, help } = meter
    const lines = meter.samples().map((sample) => this.#line(sample))
    return [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`, ...lines].join('\n')
  }

  #line({ name, labels, value }: Sample): string {
    const pairs = Object.entries({ ...labels, ...this.#everywhere })
    const texts = pairs.map(([label, text]) => `${label}="${escaped(text).replaceAll('"', '\\"')}"`)
    return `${name}${texts.length === 0 ? '' : `{${texts.join(',')}}`} ${numberText(value)}`
  }
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value)
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}
