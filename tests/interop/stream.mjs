// graphql-sse's client, unmodified, on /graphql/stream: one operation a connection.
import { createClient } from 'graphql-sse';
import { check, run } from './agent.mjs';

async function all(client, payload) {
  const heard = [];
  await new Promise((resolve) => client.subscribe(payload, { next: (m) => heard.push(m), error: (error) => { heard.push({ error }); resolve(); }, complete: resolve }));
  return heard;
}

await run(async (home) => {
  const url = `${home.http}/stream`;
  const client = createClient({ url, retryAttempts: 400, retry: () => new Promise((r) => setTimeout(r, 50)) });
  const [set] = await all(client, { query: 'mutation ($i: SetUpHouseholdInput!) { setUpHousehold(input: $i) { success } }', variables: { i: { displayName: 'Interop', province: 'ON', language: 'en' } } });
  check(set?.data?.setUpHousehold?.success === true, 'a mutation with variables', set);
  const [query] = await all(client, { query: '{ household { province } }' });
  check(query?.data?.household?.province === 'ON', 'a query', query);
  const [refused] = await all(client, { query: '{ nope }' });
  check(/nope/.test(refused?.errors?.[0]?.message ?? ''), 'a refused document is a result with errors', refused);

  const heard = [];
  let wake = () => {};
  const next = () => new Promise((resolve) => { wake = resolve; if (heard.length > 0) resolve(); }).then(() => heard.shift());
  const stop = client.subscribe({ query: 'subscription { householdChanges { kind } }' }, { next: (m) => { heard.push(m); wake(); }, error: (error) => { heard.push({ error }); wake(); }, complete: () => { heard.push('complete'); wake(); } });
  const child = 'mutation ($n: String!) { createChild(input: {name: $n, dateOfBirth: "2026-07-01", currentDiaperSize: SIZE_2}) { success } }';
  // It may not stand yet when the first change happens: change until it is heard.
  const until = async (make) => {
    const event = next();
    let got;
    event.then((e) => { got = e; });
    for (let n = 0; got === undefined && n < 200; n++) { await make(n); await new Promise((r) => setTimeout(r, 50)); }
    return got;
  };
  const first = await until((n) => home.ask(child, { n: `Child ${n}` }));
  check(first?.data?.householdChanges?.kind === 'CHILD', 'a subscription hears of a change', first);
  heard.length = 0;
  check(await home.stop() === 0, 'the agent stops under it');
  await home.start();
  const later = await until((n) => home.ask(child, { n: `Later ${n}` }));
  check(later?.data?.householdChanges?.kind === 'CHILD', 'and the client comes back by itself', later);
  stop();
  client.dispose();
});
