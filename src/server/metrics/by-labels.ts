// Values by labels: found by one look-up a label, without a text made of them.

/** By their names; of a meter without labels none. */
export type Labels = Readonly<Record<string, string>>

interface Branch<Value> {
  readonly branches: Map<string, Branch<Value>>
  value?: Value
}

/** A set of labels with what is counted under it. */
export interface Labelled<Value> {
  readonly labels: Labels
  readonly value: Value
}

export class ByLabels<Value> {
  readonly #names: readonly string[]
  readonly #make: (labels: Labels) => Value
  #root: Branch<Value> = { branches: new Map() }
  #all: Labelled<Value>[] = []

  constructor(names: readonly string[], make: (labels: Labels) => Value) {
    this.#names = names
    this.#make = make
  }

  /** In the order in which they came. */
  get all(): readonly Labelled<Value>[] {
    return this.#all
  }

  /** Made where there is none yet. */
  of(labels: Labels): Value {
    let branch = this.#root
    for (const name of this.#names) {
      const text = labels[name] ?? ''
      let next = branch.branches.get(text)
      if (next === undefined) {
        next = { branches: new Map() }
        branch.branches.set(text, next)
      }
      branch = next
    }
    return branch.value ?? this.#made(branch, labels)
  }

  clear(): void {
    this.#root = { branches: new Map() }
    this.#all = []
  }

  #made(branch: Branch<Value>, labels: Labels): Value {
    const own = Object.fromEntries(this.#names.map((name) => [name, labels[name] ?? '']))
    const value = this.#make(own)
    branch.value = value
    this.#all.push({ labels: own, value })
    return value
  }
}
