// Clients as phones use them: graphql-ws, urql and Apollo Client, unmodified; graphql-js reads
// our introspection back.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { OperationTypeNode, buildClientSchema, buildSchema, getIntrospectionQuery,
         lexicographicSortSchema, printSchema } from 'graphql';
import { createClient } from 'graphql-ws';
import fs from 'node:fs';
import WebSocket from 'ws';
import { check, run } from './agent.mjs';

const SET_UP = `mutation ($i: SetUpHouseholdInput!) { setUpHousehold(input: $i) { success user { displayName } } }`;
const CHILD = `mutation ($n: String!) { createChild(input: {name: $n, dateOfBirth: "2026-07-01", currentDiaperSize: SIZE_2}) { success child { id name } } }`;
const CHANGES = `subscription { householdChanges { kind childId sequence } }`;
const CHILDREN = `query ($n: Int!) { myChildren(first: $n) { edges { node { name } } } }`;

// A queue of what a subscription said; next() waits for more.
class Heard {
  constructor() { this.list = []; this.waiting = []; this.over = false; }
  push(item) { const w = this.waiting.shift(); if (w) w(item); else this.list.push(item); }
  next() { return this.list.length > 0 ? Promise.resolve(this.list.shift()) : new Promise((r) => this.waiting.push(r)); }
}

function listen(client, query) {
  const heard = new Heard();
  heard.dispose = client.subscribe({ query }, {
    next: (data) => heard.push(data),
    error: (error) => heard.push({ error }),
    complete: () => { heard.over = true; heard.push({ complete: true }); },
  });
  return heard;
}

async function once(client, query, variables) {
  const answers = [];
  for await (const answer of client.iterate({ query, variables })) answers.push(answer);
  return answers;
}

async function graphqlWs(home) {
  const client = createClient({ url: home.ws, webSocketImpl: WebSocket, retryAttempts: 50,
                                retryWait: () => new Promise((r) => setTimeout(r, 50)), shouldRetry: () => true });
  const [set] = await once(client, SET_UP, { i: { displayName: 'Interop', province: 'QC', language: 'en' } });
  check(set?.data?.setUpHousehold?.success === true, 'graphql-ws: a mutation', set);
  const heard = listen(client, CHANGES);
  await once(client, '{ __typename }'); // the subscription stands: messages keep their order
  const [made] = await once(client, CHILD, { n: 'Mila' });
  check(made?.data?.createChild?.child?.name === 'Mila', 'graphql-ws: variables', made);
  const event = await heard.next();
  check(event.data?.householdChanges?.kind === 'CHILD', 'graphql-ws: the subscription hears of it', event);
  const [children] = await once(client, CHILDREN, { n: 5 });
  check(children?.data?.myChildren?.edges?.length === 1, 'graphql-ws: a query', children);
  let refused = null;
  try { await once(client, '{ nope }'); } catch (error) { refused = error; }
  check(Array.isArray(refused) && /nope/.test(refused[0].message), 'graphql-ws: a refused document is an error, not a close', refused);

  const again = new Promise((resolve) => client.on('connected', resolve));
  check(await home.stop() === 0, 'the agent is stopped under its clients');
  await home.start();
  await again;
  await once(client, '{ __typename }');
  await home.ask(CHILD, { n: 'Noé' });
  const later = await heard.next();
  check(later.data?.householdChanges?.kind === 'CHILD', 'graphql-ws: after the restart the subscription stands again', later);
  heard.dispose();
  await client.dispose();
}

async function urql(home) {
  const socket = createClient({ url: home.ws, webSocketImpl: WebSocket });
  const client = new Client({
    url: home.http, preferGetMethod: false,
    exchanges: [fetchExchange, subscriptionExchange({
      forwardSubscription: (request) => ({
        subscribe: (sink) => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? '' }, sink) }),
      }),
    })],
  });
  const query = await client.query(CHILDREN, { n: 1 }).toPromise();
  check(query.data?.myChildren?.edges?.length === 1 && !query.error, 'urql: a query', query.data, query.error);
  const byGet = await client.query(CHILDREN, { n: 2 }, { preferGetMethod: 'force' }).toPromise();
  check(byGet.data?.myChildren?.edges?.length === 2, 'urql: a query by GET', byGet.data, byGet.error);
  const heard = new Heard();
  const stop = client.subscription(CHANGES, {}).subscribe((r) => heard.push(r));
  const connected = new Promise((resolve) => socket.on('connected', resolve));
  await connected;
  await once(socket, '{ __typename }');
  const change = await client.mutation(CHILD, { n: 'Zoé' }).toPromise();
  check(change.data?.createChild?.success === true, 'urql: a mutation', change.data, change.error);
  const event = await heard.next();
  check(event.data?.householdChanges?.kind === 'CHILD', 'urql: a subscription', event.data, event.error);
  const refused = await client.query('{ nope }', {}).toPromise();
  check(refused.error?.graphQLErrors?.length > 0, 'urql: an error of GraphQL, not of the network', refused.error);
  stop.unsubscribe();
  await socket.dispose();
}

async function apollo(home) {
  const socket = createClient({ url: home.ws, webSocketImpl: WebSocket });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
                           new GraphQLWsLink(socket), new HttpLink({ uri: home.http })),
  });
  const query = await client.query({ query: gql(CHILDREN), variables: { n: 3 } });
  check(query.data?.myChildren?.edges?.length === 3, 'Apollo Client: a query, with the names of types it adds', query);
  const heard = new Heard();
  const stop = client.subscribe({ query: gql(CHANGES) }).subscribe({ next: (r) => heard.push(r), error: (error) => heard.push({ error }) });
  await new Promise((resolve) => socket.on('connected', resolve));
  await once(socket, '{ __typename }');
  const change = await client.mutate({ mutation: gql(CHILD), variables: { n: 'Léo' } });
  check(change.data?.createChild?.success === true, 'Apollo Client: a mutation', change);
  const event = await heard.next();
  check(event.data?.householdChanges?.kind === 'CHILD', 'Apollo Client: a subscription', event);
  let refused = null;
  try { await client.query({ query: gql('{ nope }') }); } catch (error) { refused = error; }
  check(/nope/.test(refused?.message ?? ''), 'Apollo Client: the error of a refused document', refused?.message);
  stop.unsubscribe();
  await socket.dispose();
  client.stop();
}

async function introspection(home) {
  const answer = await home.ask(getIntrospectionQuery({ descriptions: true, inputValueDeprecation: true, oneOf: true, specifiedByUrl: true, schemaDescription: true, directiveIsRepeatable: true }));
  const told = answer.data ? printSchema(lexicographicSortSchema(buildClientSchema(answer.data))) : '';
  const source = fs.readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8');
  const meant = printSchema(lexicographicSortSchema(buildSchema(source)));
  const [a, b] = [told.split('\n'), meant.split('\n')];
  const at = a.findIndex((line, i) => line !== b[i]);
  check(told === meant, 'introspection prints back to the schema', answer.errors, at, a.slice(at, at + 3), b.slice(at, at + 3));
}

await run(async (home) => {
  await graphqlWs(home);
  await urql(home);
  await apollo(home);
  await introspection(home);
});
