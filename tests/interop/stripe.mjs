// Stripe's own library, unmodified: it drives our double (which so proves to be Stripe-shaped), signs
// what comes to our webhook, and writes each request of the agent once more: the same bytes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import Stripe from 'stripe';
import { check, run } from './agent.mjs';

const WHSEC = 'whsec_signed_by_the_library';
const double = spawn('python3', [process.argv[4]], { stdio: ['ignore', 'pipe', 'inherit'] });
const [said] = await once(double.stdout, 'data');
const port = Number(said.toString().split(' ')[1]);
const stripe = new Stripe('sk_test_interop', { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 2, telemetry: false });
const turn = async (wheel, p = {}) => (await fetch(`http://127.0.0.1:${port}/_test/${wheel}`, { method: 'POST', body: JSON.stringify(p) })).json();
const sent = async () => (await turn('seen')).seen;
async function refused(promise) {
  try { await promise; } catch (error) { return error; }
  return undefined;
}

async function drive() {
  const customer = await stripe.customers.create({ address: { state: 'QC', country: 'CA' }, metadata: { household: 'h', op: "a b'(c)*!" } });
  check(customer.object === 'customer' && customer.metadata.op === "a b'(c)*!" && customer.lastResponse.requestId.startsWith('req_'), 'a customer, with its request id', customer);
  const session = await stripe.checkout.sessions.create({ mode: 'subscription', customer: customer.id, line_items: [{ price: 'price_basic', quantity: 1 }], success_url: 'https://x.example/', automatic_tax: { enabled: true } });
  check(session.url.startsWith('https://checkout.stripe.com/') && session.status === 'open' && session.subscription === null, 'a checkout session', session);
  await turn('pay', { session: session.id });
  const paid = await stripe.checkout.sessions.retrieve(session.id);
  check(paid.status === 'complete', 'is complete when it was paid', paid);
  const sub = await stripe.subscriptions.retrieve(paid.subscription);
  check(sub.status === 'active' && sub.items.data[0].price.id === 'price_basic' && sub.items.data[0].current_period_end > sub.created, 'the subscription, with its period on the item', sub);
  const invoices = await stripe.invoices.list({ customer: customer.id });
  const [bill] = invoices.data;
  check(bill.total === 2298 && bill.total_taxes.length === 2 && bill.status === 'paid' && bill.parent.subscription_details.subscription === sub.id, 'its invoice, with Quebec’s two taxes', bill);
  const rate = await stripe.taxRates.retrieve(bill.total_taxes[1].tax_rate_details.tax_rate);
  check(rate.percentage === 9.975 && rate.tax_type === 'qst', 'and their rates', rate);
  const preview = await stripe.invoices.createPreview({ customer: customer.id, subscription: sub.id, subscription_details: { items: [{ id: sub.items.data[0].id, price: 'price_family' }] } });
  check(preview.total > 0 && preview.total === preview.subtotal + preview.total_taxes.reduce((a, t) => a + t.amount, 0), 'a preview that adds up', preview);
  const up = await stripe.subscriptions.update(sub.id, { items: [{ id: sub.items.data[0].id, price: 'price_family' }], proration_behavior: 'always_invoice' });
  check(up.items.data[0].price.id === 'price_family' && up.items.data.length === 1, 'a change of plan', up);
  const stop = await stripe.subscriptions.update(sub.id, { cancel_at_period_end: true });
  check(stop.cancel_at_period_end === true, 'a cancellation at the end', stop);
  const setup = await stripe.setupIntents.create({ customer: customer.id, usage: 'off_session' });
  check(/_secret_/.test(setup.client_secret), 'a setup intent', setup);
  const card = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: customer.id });
  const cards = [];
  for await (const one of stripe.customers.listPaymentMethods(customer.id, { type: 'card', limit: 1 })) cards.push(one.card.last4);
  check(card.card.last4 === '4444' && cards.includes('4444') && cards.length === 2, 'cards, through the library’s pages', cards);
  const hold = await stripe.paymentIntents.create({ amount: 4197, currency: 'cad', customer: customer.id, payment_method: card.id, capture_method: 'manual', confirm: true });
  const took = await stripe.paymentIntents.capture(hold.id);
  check(hold.status === 'requires_capture' && took.status === 'succeeded', 'an amount held, then taken', hold, took);
  const back = await stripe.refunds.create({ payment_intent: took.id, amount: 1000, reason: 'requested_by_customer' });
  check(back.status === 'succeeded' && back.amount === 1000, 'a refund', back);
  const portal = await stripe.billingPortal.sessions.create({ customer: customer.id, return_url: 'https://x.example/' });
  check(portal.url.startsWith('https://billing.stripe.com/'), 'the portal', portal);
  const events = [];
  for await (const event of stripe.events.list({ limit: 3 })) events.push(event.id);
  check(events.length > 6 && new Set(events).size === events.length, 'all events, three a page, none twice', events);
}

async function errors() {
  const key = { idempotencyKey: 'one-key' };
  const first = await stripe.customers.create({ address: { state: 'ON', country: 'CA' } }, key);
  const again = await stripe.customers.create({ address: { state: 'ON', country: 'CA' } }, key);
  check(first.id === again.id && again.lastResponse.headers['idempotent-replayed'] === 'true', 'the same key and bytes: the same answer', first.id, again.id);
  const other = await refused(stripe.customers.create({ address: { state: 'BC', country: 'CA' } }, key));
  check(other instanceof Stripe.errors.StripeIdempotencyError, 'other bytes under it: the library’s idempotency error', other);
  const none = await refused(stripe.subscriptions.retrieve('sub_nowhere'));
  check(none instanceof Stripe.errors.StripeInvalidRequestError && none.code === 'resource_missing' && none.statusCode === 404, 'what is not there', none);
  const bad = await refused(stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer: first.id }));
  check(bad instanceof Stripe.errors.StripeCardError, 'a refused card', bad);
  await turn('fault', { method: 'GET', path: '/v1/customers/.*', kind: '500' });
  check((await stripe.customers.retrieve(first.id)).id === first.id, 'a fault is passed by the library’s own second try');
  await turn('fault', { method: 'GET', path: '/v1/customers/.*', kind: '401' });
  check(await refused(stripe.customers.retrieve(first.id)) instanceof Stripe.errors.StripeAuthenticationError, 'a key that is refused');
}

// name[0][x]=1&... as the objects and lists it was made from.
function tree(body) {
  const top = {};
  for (const pair of body.split('&').filter(Boolean)) {
    const [name, value] = pair.split('=').map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
    const keys = name.split(/[[\]]+/).filter(Boolean);
    let at = top;
    keys.forEach((key, i) => { at = at[key] ??= i === keys.length - 1 ? value : {}; });
  }
  const lists = (o) => typeof o !== 'object' ? o : Object.keys(o).every((k) => /^\d+$/.test(k)) ? Object.values(o).map(lists) : Object.fromEntries(Object.entries(o).map(([k, v]) => [k, lists(v)]));
  return lists(top);
}

const CREATE = 'mutation ($i: CreateSubscriptionInput!) { createSubscription(input: $i) { success clientSecret error } }';
const STATUS = '{ getSubscriptionStatus { standing currentPlan { id } } }';

await run(async (home) => {
  await drive();
  await errors();
  await home.ask('mutation ($i: SetUpHouseholdInput!) { setUpHousehold(input: $i) { success } }', { i: { displayName: 'Interop', province: 'QC', language: 'fr' } });
  const before = (await sent()).length;
  const made = (await home.ask(CREATE, { i: { tier: 'PREMIUM', stripePaymentMethodId: 'pm_card_visa', billingAddress: {}, provinceCode: 'QC' } })).data.createSubscription;
  check(made.success && /_secret_/.test(made.clientSecret), 'the agent buys at the double', made);
  await turn('confirm', { secret: made.clientSecret });
  const sub = (await turn('state')).objects.filter((o) => o.object === 'subscription').pop();
  const payload = JSON.stringify({ id: 'evt_signed', object: 'event', api_version: '2026-10-28.endive', created: Math.floor(Date.now() / 1000), livemode: false, type: 'customer.subscription.updated', data: { object: sub } });
  const hook = home.http.replace('/graphql', '/webhooks/stripe');
  const send = (header, body = payload) => fetch(hook, { method: 'POST', body, headers: { 'stripe-signature': header, 'content-type': 'application/json' } });
  const header = Stripe.webhooks.generateTestHeaderString({ payload, secret: WHSEC });
  check((await send(header)).status === 200, 'what the library signs is taken');
  check((await send(header, `${payload} `)).status === 400, 'one byte more is not');
  check((await send(Stripe.webhooks.generateTestHeaderString({ payload, secret: 'whsec_other' }))).status === 400, 'nor another secret');
  check((await send(Stripe.webhooks.generateTestHeaderString({ payload, secret: WHSEC, timestamp: Math.floor(Date.now() / 1000) - 400 }))).status === 400, 'nor an old one');
  let status;
  for (let i = 0; i < 600 && status?.standing !== 'paid'; i++) {
    status = (await home.ask(STATUS)).data.getSubscriptionStatus;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  check(status.standing === 'paid' && status.currentPlan.id === 'premium_monthly', 'and the plan is paid', status);
  for (const ask of ['mutation { previewPlanChange(planId: "family") { success error } }', 'mutation { changeSubscriptionPlan(input: {newPlanId: "family"}) { success error } }',
    'mutation { cancelSubscription(reason: "x") { success error } }', 'mutation { updateSubscription(input: {cancelAtPeriodEnd: false}) { success error } }',
    'mutation { openBillingPortal(flow: "payment_method_update") { success error } }', 'mutation { createSetupIntent { success error } }',
    'mutation { updateBillingProvince(province: BC) { success error } }',
    'mutation { addPaymentMethod(input: {stripePaymentMethodId: "pm_card_mastercard", setAsDefault: true}) { success error } }']) {
    const answer = await home.ask(ask);
    check(Object.values(answer.data)[0].success, `asked: ${ask.slice(11, 40)}`, answer);
  }
  const ours = (await sent()).slice(before).filter((r) => r.method === 'POST');
  check(new Set(ours.map((r) => r.path)).size >= 7, 'many kinds of requests', ours.map((r) => r.path));
  for (const request of ours) {
    await refused(stripe.rawRequest('POST', request.path, tree(request.body)));
    const theirs = (await sent()).filter((r) => !r.agent.startsWith('NestSync')).pop();
    check(theirs.path === request.path && theirs.body === request.body, `the same bytes as the library's: ${request.path}`, request.body, theirs.body);
  }
}, `[stripe]\nbase_url = http://127.0.0.1:${port}\n`, (folder) => {
  const file = path.join(folder, 'stripe.env');
  fs.writeFileSync(file, `STRIPE_SECRET_KEY=sk_test_51interop\nSTRIPE_WEBHOOK_SECRET=${WHSEC}\nSTRIPE_BASIC_PRICE_ID=price_basic\nSTRIPE_PREMIUM_PRICE_ID=price_premium\nSTRIPE_FAMILY_PRICE_ID=price_family\n`, { mode: 0o600 });
  process.on('exit', () => double.kill());
  return ['--env-file', file];
});
