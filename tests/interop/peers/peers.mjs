// peers.mjs NAME PORT SCHEMA ROWS.json: one of other people's GraphQL servers with the rows of the
// bench held in memory and the totals kept ready, which is kinder to it than a database would be.
// Plain HTTP on the loopback. Prints "ready".
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {buildSchema} from 'graphql';

const [name, port, schemaFile, rowsFile] = process.argv.slice(2);
const sdl = readFileSync(schemaFile, 'utf8');
const rows = JSON.parse(readFileSync(rowsFile, 'utf8'));

const dashboard = () => rows.dashboard;
const history = (args) => {
  const nodes = rows.logs.slice(0, args.limit);
  return {
    edges: nodes.map((node, i) => ({node, cursor: 'o' + i})),
    pageInfo: {hasNextPage: true, hasPreviousPage: false, totalCount: rows.total},
  };
};
const root = {getSubscriptionDashboard: dashboard, getUsageLogs: history};
const resolvers = {Query: {getSubscriptionDashboard: dashboard, getUsageLogs: (_, args) => history(args)}};

async function start() {
  if (name === 'mercurius') {
    const {default: fastify} = await import('fastify');
    const {default: mercurius} = await import('mercurius');
    const app = fastify();
    app.register(mercurius, {schema: sdl, resolvers, jit: 1});
    await app.listen({port: Number(port), host: '127.0.0.1'});
    return;
  }
  const schema = buildSchema(sdl);
  for (const [field, resolve] of Object.entries(resolvers.Query)) schema.getQueryType().getFields()[field].resolve = resolve;
  if (name === 'graphql-http') {
    const {createHandler} = await import('graphql-http/lib/use/http');
    createServer(createHandler({schema, rootValue: root})).listen(Number(port), '127.0.0.1');
  } else if (name === 'yoga') {
    const {createYoga} = await import('graphql-yoga');
    createServer(createYoga({schema, logging: false, maskedErrors: false})).listen(Number(port), '127.0.0.1');
  } else if (name === 'apollo') {
    const {ApolloServer} = await import('@apollo/server');
    const {startStandaloneServer} = await import('@apollo/server/standalone');
    await startStandaloneServer(new ApolloServer({schema}), {listen: {port: Number(port), host: '127.0.0.1'}});
  } else throw new Error(`no peer is called '${name}'`);
}
await start();
console.log('ready');
