// Bugs of other gateways that have no test here, each with why it cannot occur.

export const CANNOT_OCCUR: Readonly<Record<string, string>> = {
  'PB-071':
    'Patchbay never looks for tags inside text: what a host sends as content is content. Hosts that split thinking off send it in a field of its own; the embedded model does not think.',
  'PB-086': 'Patchbay keeps no answers: there is no response cache, so no hit in any shape.',
  'PB-087':
    'Patchbay keeps no answers: there is no response cache, so no key that could be too short.',
  'PB-103':
    'Embeddings are not part of chat translation; their formats are tested where the operation is (base64 and floats bit for bit).',
  'PB-213':
    'Patchbay reads no proxy variables: it connects to vetted addresses only, so localhost is never sent to a proxy and none can be half honoured. NODE_EXTRA_CA_CERTS is honoured by Node itself.',
}
