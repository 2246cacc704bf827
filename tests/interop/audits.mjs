// The audits of graphql-http: GraphQL over HTTP as its working draft says. All must be "ok":
// notices and warnings (SHOULD and MAY) count as failures too.
import { serverAudits } from 'graphql-http';
import { check, run } from './agent.mjs';

await run(async (home) => {
  const audits = serverAudits({ url: home.http });
  for (const audit of audits) {
    const result = await audit.fn();
    check(result.status === 'ok', `${audit.id} ${audit.name}`, result.status, result.reason);
  }
  check(audits.length === 61, 'there are 61 of them', audits.length);
});
