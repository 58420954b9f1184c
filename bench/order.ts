/** An event as a shop would send it, of about so many bytes. */

export function orderEnvelope(bytes: number): string {
  const lines: unknown[] = [];
  const envelope = {
    specversion: '1.0',
    id: 'e-1',
    source: '/shop/main',
    type: 'shop.order.created',
    subject: 'order/17',
    data: {
      provider: 'shop',
      raw: { id: 17, total: 1250, status: 'won', customer: { name: 'Acme' }, lines },
    },
  };
  let text = JSON.stringify(envelope);
  while (text.length < bytes) {
    const at = lines.length;
    lines.push({ sku: `SKU-${at}`, title: `Article number ${at}`, price: at + 0.5, quantity: at % 5 });
    text = JSON.stringify(envelope);
  }
  return text;
}
