import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Principal } from '../auth/authenticator.js';

/**
 * Who a connection belongs to by its client certificate; undefined without one that the configured CA vouches for. The
 * name is the common name of the subject, else the whole subject.
 *
 * **Security:** a resumed session without a certificate counts as authorized in Node: there must be a subject.
 */
export function certificateUser(socket: Socket): Principal | undefined {
  const secure = socket as Partial<TLSSocket>;
  if (secure.authorized !== true || !secure.getPeerCertificate) return undefined;
  // Node's typings know neither of a connection without certificate, nor of several values of a name.
  const certificate = secure.getPeerCertificate() as unknown as { subject?: Record<string, string | string[]> };
  if (!certificate.subject) return undefined;
  const subject = { ...certificate.subject };
  const name = subject['CN'];
  return {
    name:
      typeof name === 'string'
        ? name
        : Object.entries(subject)
            .map(([key, value]) => `${key}=${String(value)}`)
            .join(', '),
    scheme: 'certificate',
    subject,
  };
}
