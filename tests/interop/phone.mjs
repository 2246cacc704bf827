// The phone page in a real browser, at the size of a phone: pairing, logging with one thumb, away
// and back, live from elsewhere, both languages, light and dark, by keyboard and by name.
// With NS_SHOTS=FOLDER every place is kept as a picture.
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { chromium } from 'playwright-core';
import WebSocket from 'ws';
import { check, run } from './agent.mjs';

const BROWSER = process.env.NS_CHROMIUM ?? '/usr/bin/chromium';
const freePort = () => new Promise((resolve) => {
  const s = net.createServer();
  s.listen(0, '127.0.0.1', () => { const n = s.address().port; s.close(() => resolve(n)); });
});
const port = await freePort();
const jsonPort = await freePort();
const origin = `https://localhost:${port}`;

// Fifteen days of a household with two children, so that there is a forecast to see.
async function furnish(home) {
  const tell = async (query, variables) => {
    const answer = await home.ask(query, variables);
    const result = answer.data && Object.values(answer.data)[0];
    if (!result?.success) throw new Error(`${query.slice(0, 60)}: ${JSON.stringify(answer)}`);
    return result;
  };
  await tell('mutation ($i: SetUpHouseholdInput!) { setUpHousehold(input: $i) { success error } }', { i: { displayName: 'Ada', province: 'QC', timezone: 'America/Toronto', language: 'en' } });
  for (const type of ['PRIVACY_POLICY', 'TERMS_OF_SERVICE', 'CHILD_DATA']) await tell('mutation ($t: ConsentTypeEnum!) { updateConsent(input: {consentType: $t, granted: true}) { success error } }', { t: type });
  const ids = [];
  for (const [name, size, born] of [['Mila', 'SIZE_2', 120], ['Noé', 'SIZE_4', 600]]) {
    const dateOfBirth = new Date(Date.now() - born * 86400000).toISOString().slice(0, 10);
    ids.push((await tell('mutation ($i: CreateChildInput!) { createChild(input: $i) { success error child { id } } }', { i: { name, dateOfBirth, currentDiaperSize: size, dailyUsageCount: 7 } })).child.id);
    await tell('mutation ($i: CreateInventoryItemInput!) { createInventoryItem(input: $i) { success error } }', { i: { childId: ids.at(-1), productType: 'DIAPER', brand: 'Pampers', size, quantityTotal: 160, purchaseDate: new Date(Date.now() - 20 * 86400000).toISOString() } });
  }
  await tell('mutation ($i: CreateInventoryItemInput!) { createInventoryItem(input: $i) { success error } }', { i: { childId: ids[0], productType: 'WIPES', brand: 'WaterWipes', size: 'SIZE_2', quantityTotal: 240 } });
  for (let day = 15; day >= 1; day--) {
    for (let n = 0; n < 5 + (day % 2); n++) {
      const loggedAt = new Date(Date.now() - day * 86400000 - (n - 3) * 2 * 3600000).toISOString();
      await tell('mutation ($i: LogDiaperChangeInput!) { logDiaperChange(input: $i) { success error } }', { i: { childId: ids[0], usageType: 'DIAPER_CHANGE', wasWet: true, wasSoiled: n % 3 === 0, loggedAt } });
    }
  }
  await home.ask('mutation ($c: ID!) { triggerPredictionUpdate(childId: $c) { success } }', { c: ids[0] });
  return ids;
}

const code = async (home) => (await home.ask('mutation { openPairing { success message code } }')).data.openPairing.code;
const logs = async (home, childId) => (await home.ask('query ($c: ID!) { getUsageLogs(childId: $c, daysBack: 2, limit: 100) { edges { node { loggedAt wasWet wasSoiled } } } }', { c: childId })).data.getUsageLogs.edges.map((e) => e.node);

async function shot(page, name) {
  if (process.env.NS_SHOTS) await page.screenshot({ path: path.join(process.env.NS_SHOTS, `${name}.png`) });
}

async function files() {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // this test trusts whoever listens on its own port
  const page = await fetch(`${origin}/`);
  const html = await page.text();
  const policy = page.headers.get('content-security-policy') ?? '';
  check(page.status === 200 && html.includes('<main') && page.headers.get('content-type') === 'text/html; charset=utf-8', 'the page is served', page.status);
  check(/default-src 'none'/.test(policy) && /script-src 'self';/.test(policy) && /frame-ancestors 'none'/.test(policy) && !/unsafe|\*|http:|data:/.test(policy) && policy.includes(`wss://localhost:${port};`), 'its policy lets our own files run and nothing else', policy);
  check(!/<script(?![^>]*src=)|<style|\son\w+=|style=|https?:\/\//.test(html.replaceAll('http://www.w3.org', '')), 'no script or style stands in the page, nothing comes from elsewhere');
  let outside = [];
  for (const file of ['/phone.css', '/phone.js', '/link.js', '/words.js', '/worker.js', '/icon.svg', '/manifest.webmanifest']) {
    const answer = await fetch(origin + file);
    const text = await answer.text();
    const again = await fetch(origin + file, { headers: { 'if-none-match': `"x", W/${answer.headers.get('etag')}` } });
    if (answer.status !== 200 || again.status !== 304 || (await again.text()) !== '' || answer.headers.get('cache-control') !== 'no-cache') outside.push([file, answer.status, again.status]);
    if (/https?:\/\/(?!www\.w3\.org)/.test(text)) outside.push([file, 'names another place']);
  }
  check(outside.length === 0, 'every file has a tag, and who has it gets 304', outside);
  const other = await fetch(`${origin}/`, { headers: { 'if-none-match': '"0000"' } });
  const post = await fetch(`${origin}/`, { method: 'POST', body: '{}' });
  check(other.status === 200 && post.status === 405, 'another tag gets the page, another method 405', other.status, post.status);
  const [script, words] = await Promise.all(['/phone.js', '/words.js'].map(async (f) => (await fetch(origin + f)).text()));
  const known = new Set([...words.matchAll(/^ {4}(\w+): /gm)].map((m) => m[1]));
  const asked = [...(script + html).matchAll(/\b(?:t|count)\('(\w+)'|data-t="(\w+)"|data-label="(\w+)"/g)].map((m) => m[1] ?? m[2] ?? m[3]);
  const missing = asked.filter((k) => !known.has(k) && !(known.has(`${k}_one`) && known.has(`${k}_other`)));
  check(asked.length > 60 && missing.length === 0, 'every text asked for is in the catalogue', missing);
}

const PAIR = `mutation ($c: String!, $n: String!) { pairDevice(input: {code: $c, deviceName: $n}) { success error session { accessToken } } }`;
const tokenFor = async (home, name) => (await home.ask(PAIR, { c: await code(home), n: name })).data.pairDevice.session.accessToken;

// A socket of the JSON protocol: say(), and hear() one message or {closed: code}.
async function jsonSocket(options) {
  const ws = new WebSocket(`ws://localhost:${jsonPort}`, options?.protocol, options);
  const heard = [];
  const waiting = [];
  const push = (item) => { const w = waiting.shift(); if (w) w(item); else heard.push(item); };
  ws.on('message', (data) => push(JSON.parse(data)));
  ws.on('close', (closed) => push({ closed }));
  ws.on('error', () => {});
  ws.on('unexpected-response', (_, answer) => push({ status: answer.statusCode }));
  return { say: (m) => ws.send(typeof m === 'string' ? m : JSON.stringify(m)), hear: () => (heard.length > 0 ? Promise.resolve(heard.shift()) : new Promise((r) => { waiting.push(r); setTimeout(() => r({ silent: true }), 10000).unref(); })), close: () => ws.close() };
}

// The documentation's own client, word for word but for the port, in a page of a developer's computer.
async function snippet(browser, home) {
  const text = fs.readFileSync(new URL('../data/documents/websocket-snippet.js', import.meta.url), 'utf8');
  const token = await tokenFor(home, 'Snippet');
  const page = `<!doctype html><script>const userToken = ${JSON.stringify(token)}; const heard = []; function updateOrderStatus(data) { heard.push(data); }</script>
<script>${text.replace('8002', String(jsonPort))}
ws.addEventListener('message', (event) => heard.push(JSON.parse(event.data)));</script>`;
  const server = http.createServer((_, answer) => { answer.setHeader('content-type', 'text/html'); answer.end(page); });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const tab = await browser.newPage();
  await tab.goto(`http://localhost:${server.address().port}/`);
  await tab.waitForFunction(() => heard.length >= 3);
  const said = await tab.evaluate(() => heard);
  check(text.includes("'ws://localhost:8002'") && said.map((m) => m.type).join() === 'ping,authenticated,subscribe_order_updates' && said[2].data.subscribed === true && said[2].data.subscription === 'order_updates'
    && said[1].data.user_id === said[2].user_id && said.every((m) => !Number.isNaN(Date.parse(m.timestamp))), "the documentation's snippet runs in a browser", said);
  await tab.close();
  server.close();
}

async function jsonProtocol(home, child) {
  const evil = await jsonSocket({ origin: 'https://evil.example' });
  check((await evil.hear()).status === 403, 'a page from elsewhere is refused');
  const named = await jsonSocket({ headers: { host: 'evil.example' } });
  check((await named.hear()).status === 421, 'and so is another name for this computer');
  const plain = await fetch(`http://localhost:${jsonPort}/`);
  check(plain.status === 426, 'without an upgrade: 426', plain.status);
  const stranger = await jsonSocket();
  check((await stranger.hear()).type === 'ping', 'the server greets with a ping');
  stranger.say({ type: 'subscribe_prediction_updates', data: {} });
  check((await stranger.hear()).data.error === 'Authentication required', 'who shows no token gets nothing');
  for (let n = 0; n < 3; n++) stranger.say({ type: 'authenticate', data: { token: `bad.${n}.token` } });
  const refusals = [await stranger.hear(), await stranger.hear(), await stranger.hear()];
  check(refusals.slice(0, 2).every((m) => m.type === 'auth_error') && refusals[2].closed === 4401, 'three bad tokens: closed with 4401', refusals);
  const large = await jsonSocket();
  await large.hear();
  large.say('x'.repeat(17 << 10));
  check((await large.hear()).closed === 1009, 'a frame over 16 kB closes with 1009');

  const phone = await jsonSocket();
  await phone.hear();
  phone.say({ type: 'authenticate', data: { token: await tokenFor(home, 'Socket') } });
  check((await phone.hear()).type === 'authenticated', 'a token lets in');
  phone.say({ type: 'subscribe_prediction_updates', data: {} });
  check((await phone.hear()).data.subscription === 'prediction_updates', 'predictions are subscribed');
  await home.ask('mutation ($c: ID!) { triggerPredictionUpdate(childId: $c) { success } }', { c: child });
  const told = await phone.hear();
  check(told.type === 'prediction_update' && told.data.child_id === child && typeof told.data.current_consumption_rate === 'number' && /^[a-z_]+$/.test(told.data.confidence_level)
    && Number.isInteger(told.data.predicted_consumption_30d) && !Number.isNaN(Date.parse(told.data.timestamp)), 'a new forecast comes in the documented words', told);
  if (Date.parse(told.data.recommended_reorder_date) <= Date.now()) check((await phone.hear()).type === 'inventory_alert', 'with its alert, as the day to order has come');
  phone.say({ type: 'ping', data: {} });
  check((await phone.hear()).type === 'pong', 'ping and pong');
  const id = (await home.ask('{ pairedDevices { id name } }')).data.pairedDevices.find((d) => d.name === 'Socket').id;
  await home.ask('mutation ($d: ID!) { revokeDevice(deviceId: $d) { success } }', { d: id });
  check((await phone.hear()).closed === 4401, 'a device that is thrown out is closed at once');
}

await run(async (home) => {
  const [mila, noe] = await furnish(home);
  await files();
  const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox', '--ignore-certificate-errors'] });
  const faults = [];
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, locale: 'en-CA', timezoneId: 'America/Toronto' });
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('console', (m) => { if (m.type() === 'error' && !/ERR_INTERNET_DISCONNECTED|WebSocket|400|SSL|ServiceWorker/i.test(m.text())) faults.push(m.text()); });
    await page.goto(origin);
    await shot(page, '1-welcome');
    await page.getByLabel('Code', { exact: true }).fill('00000000');
    await page.getByRole('button', { name: 'Pair this phone' }).tap();
    await page.getByRole('alert').filter({ hasText: 'not valid' }).waitFor();
    check(true, 'a wrong code is told in words');
    await page.getByLabel('Code', { exact: true }).fill(await code(home));
    await page.getByLabel('Name of this phone').fill('Blue phone');
    await page.getByRole('button', { name: 'Pair this phone' }).tap();
    const card = page.getByRole('region', { name: 'Mila' });
    await card.waitFor();
    check(await page.getByRole('heading', { level: 1, name: 'Home' }).evaluate((h) => h === document.activeElement), 'a typed code pairs; the focus is on the heading of Home');
    const devices = (await home.ask('{ pairedDevices { name platform } }')).data.pairedDevices;
    check(devices.some((d) => d.name === 'Blue phone'), 'the home lists the phone by its name', devices);
    await card.getByText(/\d+ diapers/).waitFor();
    await card.getByText(/Runs out/).waitFor();
    // A forecast takes its moment: the page hears of it by itself.
    await card.locator('strong').waitFor();
    check(/\w+\.? \d+.{0,2}–.{0,2}(\w+\.? )?\d+/.test(await card.innerText()), 'Home shows the last change, the stock and the run-out with its range', await card.innerText());
    await shot(page, '2-home');

    await page.getByRole('link', { name: 'Log' }).tap();
    check(await page.getByRole('heading', { level: 1, name: 'Log' }).evaluate((h) => h === document.activeElement), 'a new place takes the focus to its heading');
    const boxes = await page.locator('.thumb button').evaluateAll((all) => all.map((b) => { const r = b.getBoundingClientRect(); return [r.height, r.top, r.bottom]; }));
    check(boxes.length === 3 && boxes.every(([h, top, bottom]) => h >= 80 && top > 844 / 2 && bottom < 844 - 50), 'the three buttons are large and in reach of a thumb', boxes);
    await shot(page, '3-log');
    const before = (await logs(home, mila)).length;
    await page.getByRole('button', { name: 'Wet' }).tap();
    await page.getByRole('status').filter({ hasText: 'Mila: wet' }).waitFor();
    await page.waitForFunction(() => JSON.parse(localStorage.getItem('nestsync.queue') ?? '[]').length === 0);
    let there = await logs(home, mila);
    check(there.length === before + 1 && there[0].wasWet && !there[0].wasSoiled, 'one tap logs a wet diaper', there[0]);
    await shot(page, '4-logged');
    await page.waitForFunction(() => document.querySelector('#undo'));
    await page.getByRole('button', { name: 'Undo' }).tap();
    await page.waitForFunction(() => JSON.parse(localStorage.getItem('nestsync.queue') ?? '[]').length === 0);
    check((await logs(home, mila)).length === before, 'and another takes it back');
    await page.locator('.chips label', { hasText: 'Noé' }).tap();
    await page.locator('.chips label', { hasText: '30 min ago' }).tap();
    await page.getByRole('button', { name: 'Both' }).tap();
    await page.getByRole('status').filter({ hasText: 'Noé: both' }).waitFor();
    await page.waitForFunction(() => JSON.parse(localStorage.getItem('nestsync.queue') ?? '[]').length === 0);
    const [back] = await logs(home, noe);
    const minutes = (Date.now() - Date.parse(back.loggedAt)) / 60000;
    check(back.wasWet && back.wasSoiled && minutes > 29 && minutes < 33, 'another child, back in time', back, minutes);

    // Away: what is pressed waits, shows on the screen, survives the page, and arrives once.
    await context.setOffline(true);
    await page.evaluate(() => dispatchEvent(new Event('offline')));
    await page.locator('.chips label', { hasText: 'Mila' }).tap();
    await page.locator('.chips label', { hasText: '15 min ago' }).tap();
    await page.getByRole('button', { name: 'Dirty' }).tap();
    await page.getByText('1 waits to be sent').first().waitFor();
    await page.getByRole('button', { name: 'Wet' }).tap();
    await page.getByText('2 wait to be sent').first().waitFor();
    check((await logs(home, mila)).length === before, 'away from home two changes wait on the phone');
    await page.getByRole('link', { name: 'Home' }).tap();
    await card.getByText('2 wait to be sent').waitFor();
    check(/Just now/.test(await card.innerText()), 'and count on its screen already', await card.innerText());
    await shot(page, '5-away');
    const waiting = await page.evaluate(() => JSON.parse(localStorage.getItem('nestsync.queue')));
    check(waiting.length === 2 && waiting[0].id !== waiting[1].id && waiting.every((e) => /Z$/.test(e.variables.i.loggedAt)), 'each under its own id, with the time it was pressed', waiting);
    // The home got the first one, but its answer was lost on the way: the phone will send it again.
    await home.ask(waiting[0].query, { ...waiting[0].variables, m: waiting[0].id });
    await context.setOffline(false);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await page.waitForFunction(() => JSON.parse(localStorage.getItem('nestsync.queue') ?? '[]').length === 0);
    there = await logs(home, mila);
    check(there.length === before + 2 && Math.abs(Date.parse(there.find((l) => l.wasSoiled && !l.wasWet && l.loggedAt.slice(0, 16) === waiting[0].variables.i.loggedAt.slice(0, 16))?.loggedAt) - Date.parse(waiting[0].variables.i.loggedAt)) < 1000,
          'back home both arrive, once each, at the times they were pressed', there.slice(0, 3), waiting.map((w) => w.variables.i.loggedAt));

    // Live: what somebody else does is seen without asking.
    await page.waitForFunction(() => document.getElementById('line').textContent === '');
    const left = (await home.ask('query ($c: ID!) { getDashboardStats(childId: $c) { diapersLeft } }', { c: mila })).data.getDashboardStats.diapersLeft;
    await card.getByText(`${left} diapers`).waitFor();
    await home.ask('mutation ($i: LogDiaperChangeInput!) { logDiaperChange(input: $i) { success } }', { i: { childId: mila, wasWet: true } });
    await card.getByText(`${left - 1} diapers`).waitFor();
    check(true, 'a change logged on the computer shows by itself');

    await page.getByRole('link', { name: 'Stock' }).tap();
    await page.getByLabel('Pieces in the pack').fill('84');
    await page.getByLabel('Brand').fill('Kirkland');
    await page.getByRole('button', { name: 'Add', exact: true }).tap();
    await page.getByText('84 of 84').waitFor();
    check(true, 'a pack is added and seen');
    await page.getByRole('button', { name: 'Recount Kirkland' }).tap();
    await page.getByLabel('How many are left?').fill('80');
    await page.getByRole('button', { name: 'Save' }).tap();
    await page.getByText('80 of 84').waitFor();
    check(true, 'and counted anew');
    await shot(page, '6-stock');
    await page.getByRole('link', { name: 'Next' }).tap();
    await page.getByText('Order diapers by').first().waitFor();
    await page.getByText('Diapers run out').first().waitFor();
    check(true, 'Next tells what comes');
    await shot(page, '7-next');

    // A token that ended is renewed without a word.
    const first = await page.evaluate(() => JSON.parse(localStorage.getItem('nestsync.session')));
    await page.evaluate(() => { const s = JSON.parse(localStorage.getItem('nestsync.session')); s.access = `${s.access.slice(0, -4)}AAAA`; localStorage.setItem('nestsync.session', JSON.stringify(s)); });
    await page.reload();
    await page.getByText('Diapers run out').first().waitFor();
    await page.waitForFunction((old) => JSON.parse(localStorage.getItem('nestsync.session')).refresh !== old, first.refresh);
    check(true, 'a token that does not hold is renewed without a word');

    await page.getByRole('link', { name: 'More' }).tap();
    await shot(page, '8-more');
    await page.locator('.chips label', { hasText: 'Français' }).tap();
    await page.getByRole('heading', { level: 1, name: 'Plus' }).waitFor();
    check(await page.evaluate(() => document.documentElement.lang) === 'fr-CA', 'French, from the same catalogue');
    await page.locator('.chips label', { hasText: 'Sombre' }).tap();
    check(await page.evaluate(() => getComputedStyle(document.body).backgroundColor) === 'rgb(21, 27, 26)', 'and dark');
    for (const [name, hash] of [['Foyer', '9-accueil'], ['Noter', '10-noter'], ['Réserve', '11-reserve'], ['À venir', '12-a-venir']]) {
      await page.getByRole('link', { name }).tap();
      await page.getByRole('heading', { level: 1, name }).waitFor();
      await shot(page, hash);
    }
    const bare = await page.evaluate(() => ({ landmarks: ['header', 'main', 'nav'].every((n) => document.querySelectorAll(n).length === 1), live: document.querySelectorAll('[aria-live]').length,
      nameless: [...document.querySelectorAll('button, a, input, select')].filter((n) => !(n.innerText?.trim() || n.getAttribute('aria-label') || n.labels?.length)).length, named: document.querySelector('nav').getAttribute('aria-label'),
      wide: document.documentElement.scrollWidth <= innerWidth }));
    check(bare.landmarks && bare.live === 2 && bare.nameless === 0 && bare.named === 'Sections' && bare.wide, 'one header, one main, one navigation with a name; every control has one; nothing is wider than the phone', bare);

    // Thrown out from the computer: the page says so and asks for a new code; what waits is kept.
    const id = (await home.ask('{ pairedDevices { id name } }')).data.pairedDevices.find((d) => d.name === 'Blue phone').id;
    await home.ask('mutation ($d: ID!) { revokeDevice(deviceId: $d) { success } }', { d: id });
    await page.getByText('Ce téléphone n’est plus relié au foyer.').waitFor();
    check(await page.evaluate(() => localStorage.getItem('nestsync.session')) === null, 'a phone that is thrown out says so and keeps no token');
    await shot(page, '13-debranche');
    await page.goto(`${origin}/#pair=${await code(home)}`);
    await page.reload();
    check(new URL(page.url()).hash === '', 'a link with a code leaves no trace of it in the address');
    await page.close();

    const linked = await context.newPage();
    await linked.goto(`${origin}/#pair=${await code(home)}`);
    await linked.getByRole('button', { name: 'Jumeler ce téléphone' }).tap();
    await linked.getByRole('region', { name: 'Mila' }).waitFor();
    check(true, 'a link with a code pairs with one tap');
    await linked.getByRole('link', { name: 'Plus' }).tap();
    await linked.getByRole('button', { name: 'Débrancher ce téléphone' }).tap();
    await linked.getByRole('button', { name: 'Jumeler ce téléphone' }).waitFor();
    check(await linked.evaluate(() => Object.keys(localStorage).sort().join()) === 'nestsync.language,nestsync.theme', 'who leaves takes everything of the home along');

    await snippet(browser, home);
    await jsonProtocol(home, mila);

    const narrow = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 320, height: 568 }, locale: 'fr-CA', colorScheme: 'dark' });
    const small = await narrow.newPage();
    await small.goto(`${origin}/#pair=${await code(home)}`);
    check(await small.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'the smallest phone shows it without scrolling sideways');
    await shot(small, '14-petit');
  } finally { await browser.close(); }
  check(faults.length === 0, 'the browser found no fault and refused nothing of ours', faults);
}, `[lan]\ninterface = lo\nport = ${port}\njson_port = ${jsonPort}\n[limits]\nhandshakes_per_second = 1000\nmutations_per_minute = 6000\n`);
