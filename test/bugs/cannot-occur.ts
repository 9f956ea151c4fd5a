// Bugs of other gateways that have no test here, each with why it cannot occur.

export const CANNOT_OCCUR: Readonly<Record<string, string>> = {
  'PB-071':
    'Patchbay never looks for tags inside text: what a host sends as content is content. Hosts that split thinking off send it in a field of its own; the embedded model does not think.',
  'PB-144':
    'Patchbay speaks HTTP/1.1 to its providers (the pool is made without HTTP/2), so nothing ends in a GOAWAY.',
  'PB-171':
    'A client key opens every model: there is no list of models on a key that a second route could forget. What callers without a key may use is decided on the resolved provider, in one place, before every call.',
  'PB-213':
    'Patchbay reads no proxy variables: it connects to vetted addresses only, so localhost is never sent to a proxy and none can be half honoured. NODE_EXTRA_CA_CERTS is honoured by Node itself.',
}
