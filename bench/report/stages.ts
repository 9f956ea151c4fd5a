// Divides a sampled profile by the stages of a call: each sample counts for the innermost of our own files on its stack, and where
// there is none, for what Node does there.

/** As V8 writes it. Source: chromedevtools.github.io/devtools-protocol/v8/Profiler. */
export interface Profile {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: {
    readonly functionName: string
    readonly url: string
    readonly lineNumber: number
  }
  readonly children?: readonly number[]
}

export interface Costs {
  readonly busyMicros: number
  readonly stages: ReadonlyMap<string, number>
  readonly files: ReadonlyMap<string, number>
  readonly functions: ReadonlyMap<string, number>
}

/** The stages by the folders that do them, the first that matches. */
const OF_FILES: readonly (readonly [stage: string, file: RegExp])[] = [
  ['limits', /^src\/(resilience\/limits|pipeline\/limits)/],
  ['ledger', /^src\/(ledger|store|pipeline\/ledger)/],
  ['meter', /^src\/(usage|prices|tokens)\//],
  [
    'log, metrics',
    /^src\/(server\/(metrics|teller|watching)|exchange\/(happening|told|facts)|cli\/)/,
  ],
  ['keys', /^src\/(access|vault|server\/(auth|keys|credentials))/],
  ['parse, encode', /^src\/(dialects|canonical|wire|server\/(validate|body))/],
  ['upstream', /^src\/(transport|providers)\//],
  ['route', /^src\/(routing|resilience|pipeline|exchange)\//],
  ['serve', /^src\/server/],
  ['other of ours', /^src\//],
  ['upstream', /undici/],
  ['http server', /^node:_http|^node:internal\/http/],
  ['sockets', /^node:(net|internal\/(stream_base|streams))|stream/],
  ['store', /sqlite/],
]

export const STAGES: readonly string[] = [
  ...new Set(OF_FILES.map(([stage]) => stage)),
  'garbage collection',
  'node',
]

/**
 * What a stage may cost a small call in lane `patch`, in microseconds while it is sampled. What Node spends on sockets, and the
 * collector, follow from the rest and have no budget of their own.
 */
export const BUDGETS: Readonly<Record<'bare' | 'real', Readonly<Record<string, number>>>> = {
  bare: {
    limits: 1,
    ledger: 1,
    meter: 3,
    'log, metrics': 1,
    keys: 2,
    'parse, encode': 12,
    upstream: 14,
    route: 8,
    serve: 14,
  },
  real: {
    limits: 4,
    ledger: 12,
    meter: 4,
    'log, metrics': 6,
    keys: 6,
    'parse, encode': 12,
    upstream: 14,
    route: 10,
    serve: 16,
  },
}

function fileOf(url: string): string {
  const at = url.search(/\/(src|dist)\/(?!.*node_modules)/)
  if (at >= 0) return url.slice(at + 1).replace(/^dist\//, 'src/')
  const module = url.lastIndexOf('/node_modules/')
  return module >= 0 ? url.slice(module + '/node_modules/'.length) : url
}

function stageOf(file: string): string | undefined {
  return OF_FILES.find(([, pattern]) => pattern.test(file))?.[0]
}

export function costs({ nodes, samples, timeDeltas }: Profile, lastMicros: number): Costs {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const parents = new Map<number, number>()
  for (const { id, children = [] } of nodes) for (const child of children) parents.set(child, id)
  const stages = new Map<string, number>()
  const files = new Map<string, number>()
  const functions = new Map<string, number>()
  let busyMicros = 0
  let time = 0
  const idle = idleIn(nodes)
  for (let at = samples.length - 1; at >= 0 && time < lastMicros; at -= 1) {
    const micros = timeDeltas[at] ?? 0
    time += micros
    const node = byId.get(samples[at] ?? 0)
    if (node === undefined || idle.has(node.id)) continue
    busyMicros += micros
    const { stage, file } = placeOf(node, { byId, parents })
    add(stages, stage, micros)
    add(files, file, micros)
    const { functionName, url, lineNumber } = node.callFrame
    add(functions, `${functionName || '(nameless)'} ${fileOf(url)}:${lineNumber + 1}`, micros)
  }
  return { busyMicros, stages, files, functions }
}

function idleIn(nodes: readonly ProfileNode[]): ReadonlySet<number> {
  return new Set(
    nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id),
  )
}

interface Tree {
  readonly byId: ReadonlyMap<number, ProfileNode>
  readonly parents: ReadonlyMap<number, number>
}

function placeOf(from: ProfileNode, { byId, parents }: Tree): { stage: string; file: string } {
  if (from.callFrame.functionName === '(garbage collector)') {
    return { stage: 'garbage collection', file: '(garbage collector)' }
  }
  let foreign: { stage: string; file: string } | undefined
  let node: ProfileNode | undefined = from
  while (node !== undefined) {
    const file = fileOf(node.callFrame.url)
    const stage = stageOf(file)
    if (stage !== undefined && file.startsWith('src/')) return { stage, file }
    if (stage !== undefined) foreign ??= { stage, file }
    node = byId.get(parents.get(node.id) ?? 0)
  }
  return (
    foreign ?? { stage: 'node', file: fileOf(from.callFrame.url) || from.callFrame.functionName }
  )
}

function add(to: Map<string, number>, name: string, micros: number): void {
  to.set(name, (to.get(name) ?? 0) + micros)
}
