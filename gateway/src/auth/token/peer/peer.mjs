// Signs the tokens of peer.json: node peer.mjs > peer.json (needs npm's jose).
import { SignJWT, exportJWK, exportSPKI, generateKeyPair, CompactSign } from "jose";

const at = 1790000000;
const issuer = "https://peer.example/auth/v1";
const claims = {
  sub: "0190f3a2-c0de-7000-8000-00000000abcd",
  session_id: "0190f3a2-c0de-7000-8000-00000000abce",
  email: "someone@clinic.example",
  role: "authenticated",
  app_metadata: { org_id: "0190f3a2-c0de-7000-8000-00000000abcf", role: "staff" },
  user_metadata: {},
};
const secret = new TextEncoder().encode("a secret that the peer and the gateway share");
const sign = (alg, kid, key, more = {}) =>
  new SignJWT({ ...claims, ...more })
    .setProtectedHeader({ alg, kid, typ: "JWT" })
    .setIssuer(issuer).setAudience("authenticated")
    .setIssuedAt(at).setExpirationTime(at + 3600)
    .sign(key);

const keys = [], good = {}, forged = {};
const pairs = {};
for (const alg of ["RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA"]) {
  const pair = await generateKeyPair(alg, { extractable: true });
  pairs[alg] = pair;
  keys.push({ ...(await exportJWK(pair.publicKey)), alg, use: "sig", kid: alg });
  good[alg] = await sign(alg, alg, pair.privateKey);
}
good.HS256 = await sign("HS256", undefined, secret);
// One key, another algorithm: the key's own alone is accepted.
const rsa = await exportJWK(pairs.RS256.privateKey);
const { importJWK } = await import("jose");
for (const alg of ["RS384", "PS256", "PS512"]) {
  forged[`RS256's key with ${alg}`] = await sign(alg, "RS256", await importJWK(rsa, alg));
}
for (const alg of ["RS256", "ES256", "EdDSA"]) {
  const pem = await exportSPKI(pairs[alg].publicKey);
  for (const [form, text] of Object.entries({
    PEM: pem, "PEM and a newline": pem + "\n",
    JWK: JSON.stringify(await exportJWK(pairs[alg].publicKey)),
  })) {
    const key = new TextEncoder().encode(text);
    for (const kid of [alg, undefined, "env-hs256"]) {
      forged[`${alg}'s public key as ${form}, named ${kid}`] = await sign("HS256", kid, key);
    }
  }
}
forged["another pair under RS256's name"] =
  await sign("RS256", "RS256", (await generateKeyPair("RS256")).privateKey);
forged["ES256's key under ES384's name"] = await sign("ES256", "ES384", pairs.ES256.privateKey);
const detached = await new CompactSign(new TextEncoder().encode("{}"))
  .setProtectedHeader({ alg: "EdDSA", kid: "EdDSA" }).sign(pairs.EdDSA.privateKey);
forged["nothing said"] = detached;
forged["HS512 with the shared secret"] = await sign("HS512", undefined, secret);
console.log(JSON.stringify({ at, issuer, jwks: { keys }, good, forged }, null, 1));
