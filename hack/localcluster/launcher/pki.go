package launcher

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"time"
)

const certLifetime = 2 * 365 * 24 * time.Hour // longer than any local cluster is kept

// subject says whom a certificate is for.
type subject struct {
	file         string // name of its files, without extension
	commonName   string
	organization string
	dnsNames     []string // a server's; 127.0.0.1 and localhost are added
	server       bool
	client       bool
}

// subjects are all certificates of a cluster. The common names of virt-handler
// are what KubeVirt checks (pkg/util/tls).
var subjects = []subject{
	{file: "etcd", commonName: "etcd", server: true, client: true},
	{file: "apiserver", commonName: "kube-apiserver", server: true, client: true,
		dnsNames: []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc"}},
	{file: "apiserver-etcd-client", commonName: "kube-apiserver", client: true},
	{file: "front-proxy-client", commonName: "front-proxy-client", client: true},
	{file: "admin", commonName: "localcluster-admin", organization: "system:masters", client: true},
	{file: controllerManager, commonName: "system:kube-controller-manager", server: true, client: true},
	{file: scheduler, commonName: "system:kube-scheduler", server: true, client: true},
	{file: virtAPI, commonName: "virt-api.kubevirt.pod.cluster.local", server: true,
		dnsNames: []string{"virt-api.kubevirt.svc", "virt-api.kubevirt.pod.cluster.local"}},
	{file: virtController, commonName: "virt-controller.kubevirt.pod.cluster.local", server: true,
		dnsNames: []string{"virt-controller.kubevirt.pod.cluster.local"}},
	{file: "virt-handler", commonName: "kubevirt.io:system:node:virt-handler", server: true},
	{file: "virt-handler-client", commonName: "kubevirt.io:system:client:virt-handler", client: true},
}

// writePKI makes one CA, all certificates that it signs, and the key pair that
// signs service account tokens.
func writePKI(l Layout) error {
	ca, err := newCA()
	if err != nil {
		return err
	}
	if err := ca.write(l, "ca"); err != nil {
		return err
	}
	for _, s := range subjects {
		pair, err := ca.issue(s)
		if err != nil {
			return err
		}
		if err := pair.write(l, s.file); err != nil {
			return err
		}
	}
	return writeServiceAccountKeys(l)
}

// keyPair is a certificate with its private key.
type keyPair struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newCA() (*keyPair, error) {
	template := newTemplate("localcluster-ca")
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	return sign(template, nil)
}

func (ca *keyPair) issue(s subject) (*keyPair, error) {
	template := newTemplate(s.commonName)
	if s.organization != "" {
		template.Subject.Organization = []string{s.organization}
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	if s.server {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
		template.DNSNames = append([]string{"localhost"}, s.dnsNames...)
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	if s.client {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
	}
	return sign(template, ca)
}

func newTemplate(commonName string) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: commonName},
		NotBefore:    now.Add(-time.Hour), // clocks differ, even a machine's own over time
		NotAfter:     now.Add(certLifetime),
	}
}

// sign makes a new key for the template; without a CA it signs itself.
func sign(template *x509.Certificate, ca *keyPair) (*keyPair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	if ca == nil {
		ca = &keyPair{cert: template, key: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key.Public(), ca.key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &keyPair{cert: cert, key: key}, err
}

func (p *keyPair) write(l Layout, name string) error {
	if err := writePEM(l.Cert(name), "CERTIFICATE", p.cert.Raw, 0o644); err != nil {
		return err
	}
	return writeKey(l.Key(name), p.key)
}

func writeServiceAccountKeys(l Layout) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	if err := writeKey(l.Key("sa"), key); err != nil {
		return err
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	return writePEM(l.path("pki", "sa.pub"), "PUBLIC KEY", der, 0o644)
}

func writeKey(path string, key crypto.Signer) error {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(path, "PRIVATE KEY", der, 0o600)
}

func writePEM(path, kind string, der []byte, mode os.FileMode) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode)
}
