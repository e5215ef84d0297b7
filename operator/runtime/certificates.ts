import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import forge from 'node-forge';

/** PEM. */
export interface KeyedCertificate {
  cert: string;
  key: string;
}

export interface Validity {
  now: Date;
  validMs: number;
}

/** Certificates are valid from a little before they are made: the clocks of two machines differ. */
export const backdateMs = 3_600_000;

/** A self-signed authority. Its name is unique, so that two of them can be trusted at once. */
export function issueCa(commonName: string, validity: Validity): KeyedCertificate {
  const key = newKey();
  const subject = [{ name: 'commonName', value: `${commonName} ${randomBytes(4).toString('hex')}` }];
  const certificate = unsigned(key, subject, subject, validity);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  return signed(certificate, key, key);
}

/** A serving certificate for the given DNS names, signed by the authority. */
export function issueServing(ca: KeyedCertificate, dnsNames: string[], validity: Validity): KeyedCertificate {
  const key = newKey();
  const issuer = forge.pki.certificateFromPem(ca.cert);
  const subject = [{ name: 'commonName', value: (dnsNames[0] ?? '').slice(0, 64) }];
  const certificate = unsigned(key, subject, issuer.subject.attributes, validity);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames: dnsNames.map(altName) },
  ]);
  return signed(certificate, key, forge.pki.privateKeyFromPem(ca.key));
}

export function expiryOf(pem: string): Date {
  return new X509Certificate(pem).validToDate;
}

/** 16 random bytes as hex, the first one from 40 to 7f: a positive number in DER's shortest form, as X.690 wants it. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x3f) | 0x40);
  return bytes.toString('hex');
}

/** When the certificate was made: its validity starts earlier. */
export function issuedAt(pem: string): Date {
  return new Date(new X509Certificate(pem).validFromDate.getTime() + backdateMs);
}

/** Whether `ca` signed `cert` and it covers every one of the names. */
export function fits(cert: string, ca: string, dnsNames: string[]): boolean {
  const leaf = new X509Certificate(cert);
  if (!leaf.verify(new X509Certificate(ca).publicKey)) return false;
  return dnsNames.every((name) => (isIp(name) ? leaf.checkIP(name) : leaf.checkHost(name)) !== undefined);
}

/** node-forge makes keys in JavaScript, slowly; node's own are quick. RSA, since node-forge signs nothing else. */
function newKey(): forge.pki.rsa.PrivateKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return forge.pki.privateKeyFromPem(privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
}

function unsigned(
  key: forge.pki.rsa.PrivateKey,
  subject: forge.pki.CertificateField[],
  issuer: forge.pki.CertificateField[],
  { now, validMs }: Validity,
): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(key.n, key.e);
  certificate.serialNumber = newSerial();
  certificate.validity.notBefore = new Date(now.getTime() - backdateMs);
  certificate.validity.notAfter = new Date(now.getTime() + validMs);
  certificate.setSubject(subject);
  certificate.setIssuer(issuer);
  return certificate;
}

function signed(
  certificate: forge.pki.Certificate,
  own: forge.pki.rsa.PrivateKey,
  signer: forge.pki.rsa.PrivateKey,
): KeyedCertificate {
  certificate.sign(signer, forge.md.sha256.create());
  return { cert: forge.pki.certificateToPem(certificate), key: forge.pki.privateKeyToPem(own) };
}

function isIp(name: string): boolean {
  return /^[\d.]+$|:/.test(name);
}

function altName(name: string): { type: number; value?: string; ip?: string } {
  return isIp(name) ? { type: 7, ip: name } : { type: 2, value: name };
}
