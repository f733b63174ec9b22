import { X509Certificate } from 'node:crypto';
import type https from 'node:https';
import type { TlsMaterial } from './settings.js';

/** AEAD only, and forward secrecy (RFC 9325 4.2). */
const ciphers = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** OpenSSL's SSL_OP_NO_RENEGOTIATION, which Node's typings do not know. */
const noRenegotiation = 0x4000_0000;
/** Milliseconds for a TLS handshake; Node's own 120 s would let a silent client hold a socket. */
const handshakeTimeout = 10_000;

/** What a listener needs to speak TLS. */
export interface SecureSettings extends TlsMaterial {
  readonly clientCert: 'off' | 'request' | 'require';
}

/**
 * Options for `https.createServer` and `setSecureContext`: TLS 1.2 and up.
 *
 * **Security:** client certificates are vouched for by the configured CA only; without one Node would take the public
 * ones, and anybody could buy a way in.
 */
export function secureOptions({ key, cert, ca, pfx, passphrase, clientCert }: SecureSettings): https.ServerOptions {
  const material = Object.fromEntries(
    Object.entries({ key, cert, ca, pfx, passphrase }).filter(([, value]) => value !== undefined && value !== ''),
  );
  return {
    ...(clientCert !== 'off' && { ca: [] }),
    ...material,
    minVersion: 'TLSv1.2',
    ciphers,
    honorCipherOrder: true,
    // A client that asks for new handshakes costs the server more than itself (threat T80).
    secureOptions: noRenegotiation,
    handshakeTimeout,
    requestCert: clientCert !== 'off',
    rejectUnauthorized: clientCert === 'require',
  };
}

/** When a certificate ends; undefined where that cannot be told (PFX). */
export function expiryOf({ cert }: TlsMaterial): Date | undefined {
  if (!cert) return undefined;
  try {
    return new Date(new X509Certificate(cert).validTo);
  } catch {
    return undefined;
  }
}
