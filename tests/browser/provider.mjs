// A real provider of identities (the npm package oidc-provider) with a few people in it, for the walks that sign in by one.
// It prints its port; /-/client?redirect_uri=… makes it take sign-ins for the client that is sent back there.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const people = {
  olga: { ledger_role: ['staff', 'ledger-operators'] },
  ada: { ledger_role: ['ledger-audit'] },
  seven: { ledger_role: ['customers'], exchange_uid: 7 },
  stranger: { ledger_role: ['staff'] },
};

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { privateKey: other } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...privateKey.export({ format: 'jwk' }), kid: 'of-this-run', use: 'sig', alg: 'ES256' };
const more = { ...other.export({ format: 'jwk' }), kid: 'of-others', use: 'sig', alg: 'RS256' };

function made(issuer, redirectUri) {
  return new Provider(issuer, {
    clients: [
      {
        client_id: 'tributary',
        client_secret: 'a secret of these walks, and of nothing else',
        redirect_uris: [redirectUri],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [key, more] },
    pkce: { required: () => true },
    claims: { openid: ['sub', 'ledger_role', 'exchange_uid'] },
    conformIdTokenClaims: false,
    cookies: { keys: ['a key of these walks'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  });
}

let answer;
const server = createServer((request, response) => {
  const issuer = `http://localhost:${server.address().port}`;
  const url = new URL(request.url, issuer);
  if (url.pathname === '/-/client') {
    answer = made(issuer, url.searchParams.get('redirect_uri')).callback();
    response.end('ready');
  } else if (answer) {
    answer(request, response);
  } else {
    response.writeHead(503).end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
// It ends with who started it.
process.stdin.on('end', () => process.exit()).resume();
