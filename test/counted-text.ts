// Ordinary English whose number of tokens is known: counted with js-tiktoken 1.0 by OpenAI's o200k_base (cl100k_base has 171 and 112).

export interface CountedText {
  readonly text: string
  readonly tokens: number
}

export const PROSE: CountedText = {
  tokens: 168,
  text: `The harbour wakes before the town does. Long before sunrise the first boats come back, and the men on the quay call out the weight of the catch while gulls argue over what falls between the crates. By six the baker has opened her door, and the smell of bread drifts as far as the old lighthouse. Nobody here is in a hurry. A ferry leaves at eight with schoolchildren, two bicycles and the mail; it returns at noon with tourists who ask where the market is. They are always surprised to hear that it moved to the church square in 1994, after the storm took half of the sea wall. In the evening, when the wind turns, you can hear the bells on the buoys from every window. If you stay for a week, you will start to tell the days apart by their sound.`,
}

export const EXPLANATION: CountedText = {
  tokens: 111,
  text: `Rate limiting protects a service from being overwhelmed. There are several common algorithms: the token bucket allows short bursts while enforcing an average rate, the leaky bucket smooths traffic into a constant flow, and sliding windows count the requests that arrived recently. In practice, most gateways combine a per-customer quota with a concurrency limit, because slow requests consume memory even when the request rate is modest.

- Choose conservative defaults and document them.
- Return a meaningful status code together with a Retry-After header.
- Measure how often clients are refused before tightening anything.`,
}
